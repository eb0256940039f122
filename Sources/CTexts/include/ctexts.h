#ifndef CTEXTS_H
#define CTEXTS_H

#include <stddef.h>

/// A file of the project that travels inside the program.
struct ctexts_file {
  /// Its path in the project: "lessons/en/00-tour.md".
  const char *_Nonnull name;
  /// Its bytes, aligned to nothing.
  const unsigned char *_Nonnull bytes;
  /// How many bytes there are.
  size_t size;
};

/// All files, in the order of `list.h`; they are there as long as the program.
const struct ctexts_file *_Nonnull ctexts_files(size_t *_Nonnull count);

#endif
