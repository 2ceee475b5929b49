/* The reference project in C, eight scenarios side by side in vector registers for their whole life, and the rates of
 * return of four such tiles in step, so that none waits for its own last product: the bound that a generated kernel is
 * held against. Written for this one project: what its dates decide is decided here, and not while it runs. Built with
 * contraction of a * b + c, which the kernels forgo.
 *
 * run(n, inputs[4][n], metrics[8][n]); n is a multiple of 32. Rows as in benchmarks/reference_model.py. */
#include <stddef.h>

enum { LANES = 8, TILES = 4, YEARS = 30, BUILD = 3, REPAY = 15, DEPRECIATE = 20, STEPS = 80 };
typedef double Tile __attribute__((vector_size(8 * LANES)));
typedef long long Mask __attribute__((vector_size(8 * LANES)));

static const double spending[BUILD] = {0.25, 0.45, 0.30};
static const double base_cost = 100.0, gearing = 0.70, base_revenue = 16.0, base_cost_of_operation = 4.0;
static const double tax_rate = 0.25, equity_rate = 0.10, project_rate = 0.07;

static inline Tile choose(Mask where, Tile yes, Tile no) { return (Tile)((where & (Mask)yes) | (~where & (Mask)no)); }
static inline Tile positive(Tile a) { return choose(a > 0.0, a, (Tile){0}); }
static inline Tile smaller(Tile a, Tile b) { return choose(a < b, a, b); }
static inline Tile magnitude(Tile a) { return choose(a < 0.0, -a, a); }

static inline int any(Mask mask) {
    long long found = 0;
    for (int i = 0; i < LANES; i++) found |= mask[i];
    return found != 0;
}

#define EACH_TILE _Pragma("GCC unroll 4") for (int k = 0; k < TILES; k++)

static void rates_of_return(Tile flow[YEARS][TILES], Tile *rate) {
    Tile low[TILES], high[TILES], factor[TILES];
    EACH_TILE {
        low[k] = (Tile){0} + 1.0 / 3.0;
        high[k] = (Tile){0} + 2.0;
        factor[k] = (Tile){0} + 1.0 / 1.1;
    }
    for (int step = 0; step < STEPS; step++) {
        Tile value[TILES], slope[TILES];
        Mask moving = {0};
        EACH_TILE value[k] = slope[k] = (Tile){0};
        for (int t = YEARS - 1; t >= 0; t--) EACH_TILE {
            slope[k] = slope[k] * factor[k] + value[k];
            value[k] = value[k] * factor[k] + flow[t][k];
        }
        EACH_TILE {
            Mask below = value[k] < 0.0;
            low[k] = choose(below, factor[k], low[k]);
            high[k] = choose(below, high[k], factor[k]);
            Tile next = factor[k] - value[k] / slope[k];
            next = choose((low[k] <= next) & (next <= high[k]), next, 0.5 * (low[k] + high[k]));
            moving |= magnitude(next - factor[k]) > 1e-13;
            factor[k] = next;
        }
        if (!any(moving)) break;
    }
    EACH_TILE rate[k] = 1.0 / factor[k] - 1.0;
}

static inline Tile taxed(Tile income, Tile *losses) {
    Tile profit = positive(income), used = smaller(*losses, profit);
    *losses = *losses - used + (profit - income);
    return tax_rate * (profit - used);
}

/* What lives from one year to the next. */
typedef struct {
    Tile index, balance, losses, own_losses, tax_total, equity_value, whole_value;
} State;

static inline void finish_year(State *at, int t, Tile profit, Tile written_off, Tile own, Tile service, Tile interest,
                               Tile growth, Tile *cash, Tile *equity, Tile *whole, const double factors[2][YEARS]) {
    Tile tax = taxed(profit - written_off - interest, &at->losses), own_tax = taxed(profit - own, &at->own_losses);
    *cash = profit - tax;
    *equity = *cash - service;
    *whole = profit - own_tax;
    at->equity_value += *equity * factors[0][t];
    at->whole_value += *whole * factors[1][t];
    at->tax_total += tax;
    at->index *= growth;
}

static inline void project(const Tile *in, Tile *out, Tile equity[YEARS][TILES], Tile whole[YEARS][TILES], int k,
                           const double factors[2][YEARS]) {
    State at = {.index = (Tile){0} + 1.0};
    Tile growth = 1.0 + in[1], margin = base_revenue * in[3] - base_cost_of_operation, none = {0}, cash;
    Tile capital_total = none, capitalised_total = none, lowest = none + 1e300, sum = none, left = none + 1.0;
    for (int t = 0; t < BUILD; t++) {
        Tile capital = base_cost * spending[t] * in[0] * at.index, drawn = gearing * capital;
        Tile capitalised = in[2] * (at.balance + 0.5 * drawn);
        at.balance += drawn + capitalised;
        capital_total += capital;
        capitalised_total += capitalised;
        equity[t][k] = drawn - capital;
        whole[t][k] = -capital;
        at.equity_value += equity[t][k] * factors[0][t];
        at.whole_value += whole[t][k] * factors[1][t];
        at.index *= growth;
    }
    Tile discount = 1.0 / (1.0 + in[2]);
    for (int year = 0; year < REPAY; year++) left *= discount;
    Tile level = at.balance * in[2] / (1.0 - left), debt = at.balance;
    Tile written_off = (capital_total + capitalised_total) / DEPRECIATE, own = capital_total / DEPRECIATE;
    for (int t = BUILD; t < BUILD + REPAY; t++) {
        Tile interest = in[2] * at.balance, principal = level - interest, service = interest + principal;
        at.balance -= principal;
        finish_year(&at, t, margin * at.index, written_off, own, service, interest, growth, &cash, &equity[t][k],
                    &whole[t][k], factors);
        Tile coverage = cash / service;
        lowest = smaller(lowest, coverage);
        sum += coverage;
    }
    for (int t = BUILD + REPAY; t < YEARS; t++) {
        double on = t < BUILD + DEPRECIATE;
        finish_year(&at, t, margin * at.index, on * written_off, on * own, none, none, growth, &cash, &equity[t][k],
                    &whole[t][k], factors);
    }
    out[0] = lowest;
    out[1] = sum / REPAY;
    out[3] = at.equity_value;
    out[5] = at.whole_value;
    out[6] = debt;
    out[7] = at.tax_total;
}

void run(size_t n, const double *inputs, double *metrics) {
    double factors[2][YEARS] = {{1.0}, {1.0}};
    for (int t = 1; t < YEARS; t++) {
        factors[0][t] = factors[0][t - 1] / (1.0 + equity_rate);
        factors[1][t] = factors[1][t - 1] / (1.0 + project_rate);
    }
    for (size_t first = 0; first < n; first += LANES * TILES) {
        Tile equity[YEARS][TILES], whole[YEARS][TILES], out[TILES][8], equity_rates[TILES], whole_rates[TILES];
        for (int k = 0; k < TILES; k++) {
            Tile in[4];
            for (int row = 0; row < 4; row++)
                for (int i = 0; i < LANES; i++) in[row][i] = inputs[row * n + first + LANES * k + i];
            project(in, out[k], equity, whole, k, factors);
        }
        rates_of_return(equity, equity_rates);
        rates_of_return(whole, whole_rates);
        for (int k = 0; k < TILES; k++) {
            out[k][2] = equity_rates[k];
            out[k][4] = whole_rates[k];
            for (int row = 0; row < 8; row++)
                for (int i = 0; i < LANES; i++) metrics[row * n + first + LANES * k + i] = out[k][row][i];
        }
    }
}
