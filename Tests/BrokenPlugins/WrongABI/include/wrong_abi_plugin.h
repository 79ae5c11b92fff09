/* The plugin's one symbol is found with dlsym; nothing is declared for others. */
