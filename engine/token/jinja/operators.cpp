// Arithmetic and comparison with Python's rules and Python's TypeErrors.
//
// Integers have 64 bits here; where Python would grow, the template fails with a message.
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

[[noreturn]] void raiseOverflow() { raise("integer result does not fit into 64 bits"); }

[[noreturn]] void raiseOperands(Operator op, const Value& left, const Value& right) {
    if (op == Operator::Add && left.is(Kind::String)) {
        raise("can only concatenate str (not \"" + typeName(right) + "\") to str");
    }
    raise("unsupported operand type(s) for " + symbolOf(op) + ": '" + typeName(left) + "' and '" +
          typeName(right) + "'");
}

std::int64_t floorDivide(std::int64_t left, std::int64_t right) {
    if (right == 0) raise("integer division or modulo by zero");
    if (right == -1) {
        std::int64_t result = 0;
        if (__builtin_sub_overflow(std::int64_t{0}, left, &result)) raiseOverflow();
        return result;
    }
    const std::int64_t quotient = left / right;
    return (left % right != 0 && (left < 0) != (right < 0)) ? quotient - 1 : quotient;
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
    std::int64_t result = 1;
    while (true) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) raiseOverflow();
        exponent >>= 1;
        if (exponent == 0) return result;
        if (__builtin_mul_overflow(base, base, &base)) raiseOverflow();
    }
}

Value applyIntegers(Operator op, std::int64_t left, std::int64_t right) {
    std::int64_t result = 0;
    bool isOverflow = false;
    switch (op) {
        case Operator::Add: isOverflow = __builtin_add_overflow(left, right, &result); break;
        case Operator::Subtract: isOverflow = __builtin_sub_overflow(left, right, &result); break;
        case Operator::Multiply: isOverflow = __builtin_mul_overflow(left, right, &result); break;
        case Operator::FloorDivide: result = floorDivide(left, right); break;
        case Operator::Modulo:
            if (right == 0) raise("integer modulo by zero");
            result = right == -1 ? 0 : left % right;
            if (result != 0 && (result < 0) != (right < 0)) result += right;
            break;
        case Operator::Power:
            if (right < 0) {
                if (left == 0) raise("0.0 cannot be raised to a negative power");
                return Value::of(std::pow(static_cast<double>(left), static_cast<double>(right)));
            }
            result = power(left, right);
            break;
        default:
            if (right == 0) raise("division by zero");
            return Value::of(static_cast<double>(left) / static_cast<double>(right));
    }
    if (isOverflow) raiseOverflow();
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
        case Operator::FloorDivide: return Value::of(std::floor(left / right));
        case Operator::Modulo: {
            double rest = std::fmod(left, right);
            if (rest != 0.0 && (rest < 0.0) != (right < 0.0)) rest += right;
            return Value::of(rest);
        }
        default: return Value::of(std::pow(left, right));
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
        if (!text.empty() && count > kMaxStringBytes / text.size()) {
            raise("the template makes a text that is too long");
        }
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

bool isWhole(const Value& value) { return value.is(Kind::Int) || value.is(Kind::Bool); }

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
        if (isWhole(left) && isWhole(right)) {
            const std::int64_t a = left.integer(), b = right.integer();
            return isOrdered(op, a < b ? -1 : a > b ? 1 : 0);
        }
        const double a = left.toDouble(), b = right.toDouble();
        if (std::isnan(a) || std::isnan(b)) return false;
        return isOrdered(op, a < b ? -1 : a > b ? 1 : 0);
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
        return runtime.makeString(formatPercent(runtime, left.originText(), right),
                                  left.isMarkup());
    }
    if (left.is(Kind::Undefined)) raiseUndefined(left);
    if (right.is(Kind::Undefined)) raiseUndefined(right);
    if (left.isNumber() && right.isNumber()) {
        const Value result = isWhole(left) && isWhole(right)
                                 ? applyIntegers(op, left.integer(), right.integer())
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
        if (isRepeatable(left) && isWhole(right)) return repeat(runtime, left, right.integer());
        if (isRepeatable(right) && isWhole(left)) return repeat(runtime, right, left.integer());
    }
    raiseOperands(op, left, right);
}

Value negate(const Value& value) {
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (value.is(Kind::Float)) return Value::of(-value.real()).from(value.origin());
    if (!isWhole(value)) raise("bad operand type for unary -: '" + typeName(value) + "'");
    std::int64_t result = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, value.integer(), &result)) raiseOverflow();
    return Value::of(result).from(value.origin());
}

Value plus(const Value& value) {
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (value.is(Kind::Float)) return value;
    if (!isWhole(value)) raise("bad operand type for unary +: '" + typeName(value) + "'");
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
