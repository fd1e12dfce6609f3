// Whole units of something: how many hold a count, and how much they hold.
#pragma once

#include <concepts>
#include <type_traits>

namespace sotto {

// `value` >= 0, `unit` > 0; value + unit is within T.
template <std::integral T>
constexpr T ceilDiv(T value, std::type_identity_t<T> unit) {
    return (value + unit - 1) / unit;
}

// The next multiple of `unit`; as above.
template <std::integral T>
constexpr T roundUp(T value, std::type_identity_t<T> unit) {
    return ceilDiv(value, unit) * unit;
}

}  // namespace sotto
