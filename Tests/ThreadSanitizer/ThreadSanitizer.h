/* Nothing is called from here: what is in mutexes.c takes the place of a function of the C library. */
