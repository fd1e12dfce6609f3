// What memory of the emulated card holds before anything writes it.
#pragma once

namespace simt {

// NaN as float and as half, -1 as an integer, so that a read before the first write shows.
inline constexpr int kUnwrittenByte = 0xff;

}  // namespace simt
