// The searches of levels and of minima, and sums of products, once more, compiled with the flags of
// AVX2.
//
// Nothing but them may live here: a shared inline function could be linked from here into code for
// older processors (tests/gates/wide_symbols.py).
#define SOTTO_SEARCH_SET avx2

#include "engine/quant/panel_sums.cpp"
#include "engine/quant/search_affine.cpp"
#include "engine/quant/search_level_super.cpp"
#include "engine/quant/search_levels.cpp"
