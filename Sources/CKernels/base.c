// The kernels for any machine: plain C and short vectors that every compiler target can split.
#include "table.h"
#define CK_ISA 0
#define CK_ISA_NAME "base"
#define CK_TABLE ck_ops_base
#include "table.inc"
