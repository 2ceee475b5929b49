"""What developers run; nothing of it travels in the wheel."""
