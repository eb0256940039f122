// Files of the project as bytes of the program, by C23's #embed. What is embedded says list.h.
#include "ctexts.h"

#ifndef __has_embed
#error "this compiler has no #embed: Graft needs clang 19 or later, which Swift has since 6.2"
#endif

// It is there in C17 too; only its name is newer.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct ctexts_file files[] = {
#include "list.h"
};

const struct ctexts_file *ctexts_files(size_t *count) {
  *count = sizeof files / sizeof files[0];
  return files;
}
