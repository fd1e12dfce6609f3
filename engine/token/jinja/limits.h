// What a template may use up before it is stopped: hostile input must end in an Error.
//
// The largest real template seen (16 kB, a tool round trip) takes about 5,000 steps and 60 levels;
// the limits leave room for conversations a thousand times longer and still end within about a
// second.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::jinja {

constexpr std::size_t kMaxSourceBytes = std::size_t{1} << 20;
constexpr int kMaxParseDepth = 200;  // nested brackets, blocks and operators
// One level is one expression or statement inside another; it costs a few hundred bytes of stack,
// so that this many fit into the smallest thread stack we meet (512 KiB on macOS).
constexpr int kMaxEvaluationDepth = 400;
constexpr int kMaxValueDepth = 200;  // lists within lists
constexpr std::int64_t kMaxSteps =
    10'000'000;  // nodes evaluated, items copied; 64 bytes copied are one
constexpr std::size_t kMaxStringBytes = 32 << 20;  // of one string, and of the whole output
constexpr std::size_t kMaxLiveBytes = 256 << 20;   // of all values alive at a time
// Of one split, so that the list of parts stays small beside kMaxLiveBytes: as values, that many
// parts are about as much as may live at all.
constexpr std::size_t kMaxParts = 2'000'000;
constexpr std::size_t kMaxArguments = 1000;  // of one call, unpacked ones included
// As Python's limit of 4300 digits for numbers that are written, here for all of them: products
// stay quick.
constexpr std::size_t kMaxIntegerBits = 14'284;
constexpr std::int64_t kBigIntegerSteps =
    2000;                                    // of the largest one written: 450 words, 4300 digits
constexpr std::int64_t kMaxRange = 100'000;  // as Jinja's sandbox has it

}  // namespace sotto::jinja
