// Attributes and methods of int and float.
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

namespace {

Value bitLength(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("bit_length", arguments, {}, 0);
    return Value::of(static_cast<std::int64_t>(self.toBigInteger().nBits()));
}

Value bitCount(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("bit_count", arguments, {}, 0);
    return Value::of(self.toBigInteger().nSetBits());
}

Value conjugate(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("conjugate", arguments, {}, 0);
    return plus(self);
}

Value isInteger(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("is_integer", arguments, {}, 0);
    return Value::of(std::isfinite(self.real()) && self.real() == std::trunc(self.real()));
}

Value integerRatio(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("as_integer_ratio", arguments, {}, 0);
    if (self.isWhole()) return runtime.makePair(plus(self), Value::of(std::int64_t{1}));
    if (!std::isfinite(self.real())) raise("cannot convert Infinity or NaN to integer ratio");
    double fraction = self.real();
    std::size_t shift = 0;  // a double has at most 1074 binary places
    while (fraction != std::trunc(fraction)) {
        fraction *= 2;
        ++shift;
    }
    return runtime.makePair(runtime.makeInteger(BigInteger::truncated(fraction)),
                            runtime.makeInteger(BigInteger::of(1).shiftedLeft(shift)));
}

Value hexadecimal(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("hex", arguments, {}, 0);
    const double number = self.real();
    if (!std::isfinite(number)) return runtime.makeString(toText(runtime, self));
    const std::string sign = std::signbit(number) ? "-" : "";
    if (number == 0.0) return runtime.makeString(OriginText(sign + "0x0.0p+0", self.origin()));
    int exponent = 0;
    double fraction = std::frexp(std::fabs(number), &exponent) * 2;  // 1 ≤ fraction < 2
    --exponent;
    if (exponent < -1022) {  // a denormal one begins with 0
        fraction = std::ldexp(fraction, exponent + 1022);
        exponent = -1022;
    }
    const auto digits =
        static_cast<unsigned long long>(std::ldexp(fraction - std::trunc(fraction), 52));
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "0x%d.%013llxp%+d", fraction >= 1 ? 1 : 0, digits,
                  exponent);
    return runtime.makeString(OriginText(sign + buffer.data(), self.origin()));
}

}  // namespace

Value findNumberMember(Runtime& runtime, const Value& number, std::string_view name) {
    const bool isFloat = number.is(Kind::Float);
    if (name == "real" || (name == "numerator" && !isFloat)) return plus(number);
    if (name == "imag") return isFloat ? Value::of(0.0) : Value::of(std::int64_t{0});
    if (name == "denominator" && !isFloat) return Value::of(std::int64_t{1});
    Function method = nullptr;
    if (name == "conjugate") method = conjugate;
    if (name == "as_integer_ratio") method = integerRatio;
    if (name == "bit_length" && !isFloat) method = bitLength;
    if (name == "bit_count" && !isFloat) method = bitCount;
    if (name == "is_integer" && isFloat) method = isInteger;
    if (name == "hex" && isFloat) method = hexadecimal;
    return method == nullptr ? Value() : runtime.makeMethod(std::string(name), number, method);
}

}  // namespace sotto::jinja
