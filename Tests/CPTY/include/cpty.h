#pragma once
// Programs under test, behind a pseudo-terminal or behind pipes. Both start them with no signal blocked or
// ignored (test runners' threads block signals, and children inherit that) and with no foreign descriptors.
#include <sys/types.h>

// Starts a program whose terminal has the size given; the master's descriptor, or −1 with errno.
int cpty_spawn(const char *path, char *const *arguments, char *const *environment, int rows, int columns,
               pid_t *pid);
// Starts a program between two pipes: `input` is written to, `output` read; 0, or −1 with errno.
int cpty_spawn_piped(const char *path, char *const *arguments, char *const *environment, int *input,
                     int *output, pid_t *pid);
// Changes the terminal's size; the program gets SIGWINCH.
int cpty_resize(int master, int rows, int columns);
// Whether the terminal echoes and gathers lines, as a shell expects to find it again.
int cpty_is_cooked(int master);
// Waits for the end: the exit code, or 128 + the signal's number.
int cpty_wait(pid_t pid);
// The file that this code was loaded from: the test bundle. NULL if unknown.
const char *cpty_image(void);
