/* The reference project in C, eight scenarios side by side in vector registers for their whole life: the bound that a
 * generated kernel is held against. Built with contraction of a * b + c, which the kernels forgo.
 *
 * run(n, inputs[4][n], metrics[8][n]); n is a multiple of 8. Rows as in benchmarks/reference_model.py. */
#include <stddef.h>

enum { LANES = 8, YEARS = 30, BUILD = 3, REPAY = 15, DEPRECIATE = 20, STEPS = 80 };
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

static Tile rate_of_return(const Tile *flow) {
    Tile low = (Tile){0} + 1.0 / 3.0, high = (Tile){0} + 2.0, factor = (Tile){0} + 1.0 / 1.1;
    for (int step = 0; step < STEPS; step++) {
        Tile value = {0}, slope = {0};
        for (int t = YEARS - 1; t >= 0; t--) {
            slope = slope * factor + value;
            value = value * factor + flow[t];
        }
        Mask below = value < 0.0;
        low = choose(below, factor, low);
        high = choose(below, high, factor);
        Tile next = factor - value / slope;
        next = choose((low <= next) & (next <= high), next, 0.5 * (low + high));
        Tile moved = magnitude(next - factor);
        factor = next;
        if (!any(moved > 1e-13)) break;
    }
    return 1.0 / factor - 1.0;
}

static inline Tile taxed(Tile income, Tile *losses) {
    Tile profit = positive(income), used = smaller(*losses, profit);
    *losses = *losses - used + (profit - income);
    return tax_rate * (profit - used);
}

static void project(const Tile *in, Tile *out) {
    Tile equity[YEARS], whole[YEARS], capital_total = {0}, capitalised_total = {0}, balance = {0}, level = {0};
    Tile losses = {0}, own_losses = {0}, index = (Tile){0} + 1.0, lowest = (Tile){0} + 1e300, sum = {0}, tax_total = {0};
    Tile equity_value = {0}, whole_value = {0}, debt = {0};
    double equity_factor = 1.0, whole_factor = 1.0;
    for (int t = 0; t < YEARS; t++) {
        Tile capital = {0}, paid_in = {0}, profit = {0}, interest = {0}, principal = {0}, written_off = {0}, own = {0};
        if (t < BUILD) {
            capital = base_cost * spending[t] * in[0] * index;
            Tile drawn = gearing * capital, capitalised = in[2] * (balance + 0.5 * drawn);
            balance += drawn + capitalised;
            capital_total += capital;
            capitalised_total += capitalised;
            paid_in = capital - drawn;
            if (t == BUILD - 1) {
                Tile left = (Tile){0} + 1.0;
                for (int k = 0; k < REPAY; k++) left /= 1.0 + in[2];
                debt = balance;
                level = balance * in[2] / (1.0 - left);
            }
        } else {
            profit = (base_revenue * in[3] - base_cost_of_operation) * index;
            if (t < BUILD + REPAY) {
                interest = in[2] * balance;
                principal = level - interest;
                balance -= principal;
            }
            if (t < BUILD + DEPRECIATE) {
                written_off = (capital_total + capitalised_total) / DEPRECIATE;
                own = capital_total / DEPRECIATE;
            }
        }
        Tile tax = taxed(profit - written_off - interest, &losses), own_tax = taxed(profit - own, &own_losses);
        Tile cash = profit - tax, service = interest + principal;
        if (t >= BUILD && t < BUILD + REPAY) {
            Tile coverage = cash / service;
            lowest = smaller(lowest, coverage);
            sum += coverage;
        }
        equity[t] = cash - service - paid_in;
        whole[t] = profit - own_tax - capital;
        equity_value += equity[t] * equity_factor;
        whole_value += whole[t] * whole_factor;
        tax_total += tax;
        equity_factor /= 1.0 + equity_rate;
        whole_factor /= 1.0 + project_rate;
        index *= 1.0 + in[1];
    }
    out[0] = lowest;
    out[1] = sum / REPAY;
    out[2] = rate_of_return(equity);
    out[3] = equity_value;
    out[4] = rate_of_return(whole);
    out[5] = whole_value;
    out[6] = debt;
    out[7] = tax_total;
}

void run(size_t n, const double *inputs, double *metrics) {
    for (size_t first = 0; first < n; first += LANES) {
        Tile in[4], out[8];
        for (int row = 0; row < 4; row++)
            for (int i = 0; i < LANES; i++) in[row][i] = inputs[row * n + first + i];
        project(in, out);
        for (int row = 0; row < 8; row++)
            for (int i = 0; i < LANES; i++) metrics[row * n + first + i] = out[row][i];
    }
}
