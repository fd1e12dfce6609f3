// Arithmetic and comparison with Python's rules and Python's TypeErrors.
//
// Integers have 64 bits, and grow as Python's where that is too little (big_integer.h).
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

constexpr std::array<std::string_view, 15> kSymbols{
    "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in"};
std::string symbolOf(Operator op) { return std::string(kSymbols[static_cast<std::size_t>(op)]); }

[[noreturn]] void raiseOperands(Operator op, const Value& left, const Value& right) {
    if (op == Operator::Add && left.is(Kind::String)) {
        raise("can only concatenate str (not \"" + typeName(right) + "\") to str");
    }
    raise("unsupported operand type(s) for " + symbolOf(op) + ": '" + typeName(left) + "' and '" +
          typeName(right) + "'");
}

bool isSmall(const Value& value) { return !value.is(Kind::BigInt); }

Value power(Runtime& runtime, const Value& base, const Value& exponent) {
    if (exponent.toBigInteger().isNegative()) {
        if (!isTrue(base)) raise("0.0 cannot be raised to a negative power");
        return Value::of(std::pow(base.toDouble(), exponent.toDouble()));
    }
    const bool isUnit = isSmall(base) && base.integer() >= -1 && base.integer() <= 1;
    if (isUnit) {  // whatever the exponent
        const bool isOdd = exponent.toBigInteger().isOdd();
        const bool isPositive = !isTrue(exponent) || (base.integer() < 0 && !isOdd);
        return Value::of(isPositive ? std::int64_t{1} : base.integer());
    }
    BigInteger square = base.toBigInteger(), result = BigInteger::of(1);
    // The result has at least this many bits.
    const bool isTooLarge =
        !isSmall(exponent) || static_cast<std::uint64_t>(exponent.integer()) >
                                  kMaxIntegerBits / std::max<std::size_t>(square.nBits() - 1, 1);
    if (isTooLarge) raise("the template makes a number that is too large");
    for (std::int64_t rest = exponent.integer(); rest > 0; rest >>= 1) {
        const auto nWords = static_cast<std::int64_t>(square.nBits() / 32);
        runtime.meter().spend(1 + nWords * nWords / 8);
        if ((rest & 1) != 0) result = BigInteger::multiply(result, square);
        if (rest > 1) square = BigInteger::multiply(square, square);
    }
    return runtime.makeInteger(result);
}

// What the small numbers' arithmetic cannot hold, exactly.
Value applyBigIntegers(Runtime& runtime, Operator op, const Value& left, const Value& right) {
    const BigInteger a = left.toBigInteger(), b = right.toBigInteger();
    // The product's and quotient's work grows with the square of the bits.
    const auto nWords = static_cast<std::int64_t>(std::max(a.nBits(), b.nBits()) / 32);
    runtime.meter().spend(1 + nWords * nWords);
    switch (op) {
        case Operator::Add: return runtime.makeInteger(BigInteger::add(a, b));
        case Operator::Subtract: return runtime.makeInteger(BigInteger::add(a, b.negated()));
        case Operator::Multiply: return runtime.makeInteger(BigInteger::multiply(a, b));
        case Operator::FloorDivide:
            if (b.isZero()) raise("integer division or modulo by zero");
            return runtime.makeInteger(BigInteger::divide(a, b).first);
        case Operator::Modulo:
            if (b.isZero()) raise("integer modulo by zero");
            return runtime.makeInteger(BigInteger::divide(a, b).second);
        default: {
            if (b.isZero()) raise("division by zero");
            const double quotient = BigInteger::trueQuotient(a, b);
            if (std::isinf(quotient)) raise("integer division result too large for a float");
            return Value::of(quotient);
        }
    }
}

Value applyIntegers(Runtime& runtime, Operator op, const Value& leftValue,
                    const Value& rightValue) {
    if (op == Operator::Power) return power(runtime, leftValue, rightValue);
    if (!isSmall(leftValue) || !isSmall(rightValue)) {
        return applyBigIntegers(runtime, op, leftValue, rightValue);
    }
    const std::int64_t left = leftValue.integer(), right = rightValue.integer();
    std::int64_t result = 0;
    bool isDone = false;
    switch (op) {
        case Operator::Add: isDone = !__builtin_add_overflow(left, right, &result); break;
        case Operator::Subtract: isDone = !__builtin_sub_overflow(left, right, &result); break;
        case Operator::Multiply: isDone = !__builtin_mul_overflow(left, right, &result); break;
        case Operator::FloorDivide:
        case Operator::Modulo: {
            if (right == 0 || right == -1) break;  // a fault, or a quotient that may not fit
            const std::int64_t rest = left % right;
            const bool isOpposite = rest != 0 && (rest < 0) != (right < 0);
            const bool isQuotient = op == Operator::FloorDivide;
            result =
                isQuotient ? left / right - (isOpposite ? 1 : 0) : rest + (isOpposite ? right : 0);
            isDone = true;
            break;
        }
        default: {
            // Both exact as doubles: so is their quotient, rounded once.
            constexpr std::int64_t kExact = std::int64_t{1} << 53;
            const bool isExact =
                left >= -kExact && left <= kExact && right >= -kExact && right <= kExact;
            if (right == 0 || !isExact) break;
            return Value::of(static_cast<double>(left) / static_cast<double>(right));
        }
    }
    return isDone ? Value::of(result) : applyBigIntegers(runtime, op, leftValue, rightValue);
}

// Python's float_divmod: the quotient belongs to the rest.
Value divideFloats(double left, double right, bool isQuotient) {
    double rest = std::fmod(left, right);
    double quotient = (left - rest) / right;
    if (rest == 0.0) {
        rest = std::copysign(0.0, right);
    } else if ((rest < 0.0) != (right < 0.0)) {
        rest += right;
        quotient -= 1.0;
    }
    if (!isQuotient) return Value::of(rest);
    if (quotient == 0.0) return Value::of(std::copysign(0.0, left / right));
    const double whole = std::floor(quotient);
    return Value::of(quotient - whole > 0.5 ? whole + 1.0 : whole);
}

Value powerOfFloats(double base, double exponent) {
    if (base == 0.0 && exponent < 0.0) raise("0.0 cannot be raised to a negative power");
    const bool isComplex = base < 0.0 && std::isfinite(base) && std::isfinite(exponent) &&
                           exponent != std::floor(exponent);
    if (isComplex) raise("a negative number to a broken power is a complex one");
    const double result = std::pow(base, exponent);
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent)) {
        raise("the result of ** is too large for a float");
    }
    return Value::of(result);
}

Value applyFloats(Operator op, double left, double right) {
    const bool isDividing =
        op == Operator::Divide || op == Operator::FloorDivide || op == Operator::Modulo;
    if (isDividing && right == 0.0) raise("float division by zero");
    switch (op) {
        case Operator::Add: return Value::of(left + right);
        case Operator::Subtract: return Value::of(left - right);
        case Operator::Multiply: return Value::of(left * right);
        case Operator::Divide: return Value::of(left / right);
        case Operator::FloorDivide:
        case Operator::Modulo: return divideFloats(left, right, op == Operator::FloorDivide);
        default: return powerOfFloats(left, right);
    }
}

// A safe string escapes what is joined to it, as markupsafe does.
Value addTexts(Runtime& runtime, const Value& left, const Value& right) {
    const bool isMarkup = left.isMarkup() || right.isMarkup();
    const auto part = [&](const Value& value) {
        return isMarkup && !value.isMarkup() ? escapeHtml(value.originText()) : value.originText();
    };
    OriginText text = part(left);
    text.append(part(right));
    return runtime.makeString(std::move(text), isMarkup);
}

Value addSequences(Runtime& runtime, const Value& left, const Value& right) {
    const auto& first = left.as<SequenceObject>();
    const auto& second = right.as<SequenceObject>();
    if (first.type != second.type || first.type > SequenceKind::Tuple) {
        raiseOperands(Operator::Add, left, right);
    }
    Values items;
    items.reserve(first.items.size() + second.items.size());
    items.insert(items.end(), first.items.begin(), first.items.end());
    items.insert(items.end(), second.items.begin(), second.items.end());
    return runtime.makeSequence(first.type, std::move(items));
}

Value repeat(Runtime& runtime, const Value& value, std::int64_t times) {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
    if (value.is(Kind::String)) {
        const std::string_view text = value.text();
        checkTextSize(text.size() * std::min(count, kMaxStringBytes + 1));
        OriginText result;
        for (std::size_t done = 0; done < count && !text.empty(); ++done) {
            result.append(value.originText());
        }
        return runtime.makeString(std::move(result), value.isMarkup());
    }
    const auto& sequence = value.as<SequenceObject>();
    Values items;
    if (!sequence.items.empty()) {
        if (count > kMaxLiveBytes / sizeof(Value) / sequence.items.size()) {
            raise("the template uses too much memory");
        }
        runtime.meter().spend(static_cast<std::int64_t>(count * sequence.items.size()));
        items.reserve(count * sequence.items.size());
        for (std::size_t done = 0; done < count; ++done) {
            items.insert(items.end(), sequence.items.begin(), sequence.items.end());
        }
    }
    return runtime.makeSequence(sequence.type, std::move(items));
}

bool isRepeatable(const Value& value) {
    return value.is(Kind::String) ||
           (value.is(Kind::Sequence) && value.as<SequenceObject>().type <= SequenceKind::Tuple);
}

// How often something is repeated.
std::int64_t toCount(const Value& value) {
    if (isSmall(value)) return value.integer();
    raise("cannot fit 'int' into an index-sized integer");
}

// -1, 0, 1 as memcmp; UTF-8 orders like code points do.
int compareTexts(Runtime& runtime, std::string_view left, std::string_view right) {
    runtime.meter().spendBytes(std::min(left.size(), right.size()));
    return left.compare(right);
}

[[noreturn]] void raiseOrder(Operator op, const Value& left, const Value& right) {
    raise("'" + symbolOf(op) + "' not supported between instances of '" + typeName(left) +
          "' and '" + typeName(right) + "'");
}

bool isOrdered(Operator op, int order) {
    switch (op) {
        case Operator::Less: return order < 0;
        case Operator::LessEqual: return order <= 0;
        case Operator::Greater: return order > 0;
        default: return order >= 0;
    }
}

bool compareOrder(Runtime& runtime, Operator op, const Value& left, const Value& right) {
    if (left.isNumber() && right.isNumber()) {
        const int order = compareNumbers(left, right);
        return order != 2 && isOrdered(op, order);
    }
    if (left.is(Kind::String) && right.is(Kind::String)) {
        return isOrdered(op, compareTexts(runtime, left.text(), right.text()));
    }
    if (left.is(Kind::Sequence) && right.is(Kind::Sequence)) {
        const auto& a = left.as<SequenceObject>();
        const auto& b = right.as<SequenceObject>();
        if (a.type != b.type || a.type > SequenceKind::Tuple) raiseOrder(op, left, right);
        const std::size_t nShared = std::min(a.items.size(), b.items.size());
        for (std::size_t index = 0; index < nShared; ++index) {
            if (areEqual(a.items[index], b.items[index], runtime.meter())) continue;
            return compareOrder(runtime, op, a.items[index], b.items[index]);
        }
        const bool isShorter = a.items.size() < b.items.size();
        return isOrdered(op, isShorter ? -1 : a.items.size() > b.items.size() ? 1 : 0);
    }
    if (left.is(Kind::Undefined)) raiseUndefined(left);
    if (right.is(Kind::Undefined)) raiseUndefined(right);
    raiseOrder(op, left, right);
}

}  // namespace

Value applyBinary(Runtime& runtime, Operator op, const Value& left, const Value& right) {
    if (left.is(Kind::String) && op == Operator::Modulo) {
        return runtime.makeString(formatPercent(runtime, left, right), left.isMarkup());
    }
    if (left.is(Kind::Undefined)) raiseUndefined(left);
    if (right.is(Kind::Undefined)) raiseUndefined(right);
    if (left.isNumber() && right.isNumber()) {
        const Value result = left.isWhole() && right.isWhole()
                                 ? applyIntegers(runtime, op, left, right)
                                 : applyFloats(op, left.toDouble(), right.toDouble());
        return result.from(std::max(left.origin(), right.origin()));
    }
    if (op == Operator::Add && left.is(Kind::String) && right.is(Kind::String)) {
        return addTexts(runtime, left, right);
    }
    if (op == Operator::Add && left.is(Kind::Sequence) && right.is(Kind::Sequence)) {
        return addSequences(runtime, left, right);
    }
    if (op == Operator::Multiply) {
        if (isRepeatable(left) && right.isWhole()) return repeat(runtime, left, toCount(right));
        if (isRepeatable(right) && left.isWhole()) return repeat(runtime, right, toCount(left));
    }
    raiseOperands(op, left, right);
}

Value negate(Runtime& runtime, const Value& value) {
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (value.is(Kind::Float)) return Value::of(-value.real()).from(value.origin());
    if (!value.isWhole()) raise("bad operand type for unary -: '" + typeName(value) + "'");
    return runtime.makeInteger(value.toBigInteger().negated()).from(value.origin());
}

Value plus(const Value& value) {
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (value.is(Kind::Float) || value.is(Kind::BigInt)) return value;
    if (!value.isWhole()) raise("bad operand type for unary +: '" + typeName(value) + "'");
    return Value::of(value.integer()).from(value.origin());
}

bool isLess(Runtime& runtime, const Value& left, const Value& right) {
    runtime.meter().spend(1);
    return compareOrder(runtime, Operator::Less, left, right);
}

bool compare(Runtime& runtime, Operator op, const Value& left, const Value& right) {
    switch (op) {
        case Operator::Equal: return areEqual(left, right, runtime.meter());
        case Operator::NotEqual: return !areEqual(left, right, runtime.meter());
        case Operator::In: return contains(runtime, right, left);
        case Operator::NotIn: return !contains(runtime, right, left);
        default: return compareOrder(runtime, op, left, right);
    }
}

bool contains(Runtime& runtime, const Value& container, const Value& item) {
    if (container.is(Kind::String)) {
        if (!item.is(Kind::String)) {
            raise("'in <string>' requires string as left operand, not " + typeName(item));
        }
        runtime.meter().spendBytes(container.text().size());
        return findText(container.text(), item.text()) != std::string_view::npos;
    }
    if (container.is(Kind::Dict)) {
        if (!isHashable(item)) raise("unhashable type: '" + typeName(item) + "'");
        return container.as<DictObject>().find(item, runtime.meter()) != nullptr;
    }
    if (!isIterable(container)) {
        raise("argument of type '" + typeName(container) + "' is not iterable");
    }
    if (container.is(Kind::Sequence)) {
        const auto& sequence = container.as<SequenceObject>();
        if (sequence.type != SequenceKind::Generator) {
            return std::any_of(
                sequence.items.begin(), sequence.items.end(),
                [&](const Value& value) { return areEqual(value, item, runtime.meter()); });
        }
    }
    const Values items = iterate(runtime, container);
    return std::any_of(items.begin(), items.end(),
                       [&](const Value& value) { return areEqual(value, item, runtime.meter()); });
}

}  // namespace sotto::jinja
