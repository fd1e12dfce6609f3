// The tests behind `is`: Jinja's own set.
#include <algorithm>
#include <array>

#include "engine/token/jinja/builtins.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/string_functions.h"

namespace sotto::jinja {

namespace {

void expectNone(Arguments& arguments) { const BoundArguments bound("test", arguments, {}, 0); }

// What is sought in a dict.
void expectHashable(const Value& value) {
    if (!isHashable(value)) raise("unhashable type: '" + typeName(value) + "'");
}

bool isRemainder(Runtime& runtime, const Value& value, const Value& divisor, std::int64_t rest) {
    const Value remainder = applyBinary(runtime, Operator::Modulo, value, divisor);
    return areEqual(remainder, Value::of(rest), runtime.meter());
}

template <Kind kind>
bool isKind(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.is(kind);
}

bool isIntegerTest(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.isWhole() && !value.is(Kind::Bool);
}

template <Operator op>
bool isCompared(Runtime& runtime, const Value& value, Arguments& arguments) {
    const BoundArguments bound("comparison", arguments, {"other"}, 1);
    return compare(runtime, op, value, bound.get(0));
}

template <bool expected>
bool isFlag(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.is(Kind::Bool) && value.boolean() == expected;
}

template <int rest>
bool isParity(Runtime& runtime, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return isRemainder(runtime, value, Value::of(std::int64_t{2}), rest);
}

template <auto predicate>
bool isTextual(Runtime& runtime, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return predicate(toText(runtime, value).bytes());
}

bool isDefined(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return !value.is(Kind::Undefined);
}

bool isNumber(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.isNumber();
}

bool isSequence(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.is(Kind::String) || value.is(Kind::Dict) || value.is(Kind::Undefined) ||
           (value.is(Kind::Sequence) && value.as<SequenceObject>().type <= SequenceKind::Range);
}

bool isIterableTest(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return isIterable(value);
}

bool isCallable(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.is(Kind::Callable) || value.is(Kind::Loop) || value.is(Kind::Joiner) ||
           value.is(Kind::Undefined);
}

bool isEscaped(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    return value.isMarkup();
}

bool isDivisibleBy(Runtime& runtime, const Value& value, Arguments& arguments) {
    const BoundArguments bound("divisibleby", arguments, {"num"}, 1);
    return isRemainder(runtime, value, bound.get(0), 0);
}

bool isSameAs(Runtime& runtime, const Value& value, Arguments& arguments) {
    const BoundArguments bound("sameas", arguments, {"other"}, 1);
    const Value& other = bound.get(0);
    if (value.kind() != other.kind()) return false;
    if (value.identity() != nullptr) return value.identity() == other.identity();
    return areEqual(value, other, runtime.meter());
}

bool isFilterName(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    expectHashable(value);
    return value.is(Kind::String) && findFilter(value.text()) != nullptr;
}

bool isTestName(Runtime&, const Value& value, Arguments& arguments) {
    expectNone(arguments);
    expectHashable(value);
    return value.is(Kind::String) && findTest(value.text()) != nullptr;
}

constexpr std::array<TestEntry, 39> kTests{{{"defined", isDefined},
                                            {"undefined", isKind<Kind::Undefined>},
                                            {"none", isKind<Kind::None>},
                                            {"boolean", isKind<Kind::Bool>},
                                            {"true", isFlag<true>},
                                            {"false", isFlag<false>},
                                            {"integer", isIntegerTest},
                                            {"float", isKind<Kind::Float>},
                                            {"number", isNumber},
                                            {"string", isKind<Kind::String>},
                                            {"mapping", isKind<Kind::Dict>},
                                            {"sequence", isSequence},
                                            {"iterable", isIterableTest},
                                            {"callable", isCallable},
                                            {"escaped", isEscaped},
                                            {"odd", isParity<1>},
                                            {"even", isParity<0>},
                                            {"divisibleby", isDivisibleBy},
                                            {"lower", isTextual<isLower>},
                                            {"upper", isTextual<isUpper>},
                                            {"sameas", isSameAs},
                                            {"filter", isFilterName},
                                            {"test", isTestName},
                                            {"in", isCompared<Operator::In>},
                                            {"eq", isCompared<Operator::Equal>},
                                            {"equalto", isCompared<Operator::Equal>},
                                            {"==", isCompared<Operator::Equal>},
                                            {"ne", isCompared<Operator::NotEqual>},
                                            {"!=", isCompared<Operator::NotEqual>},
                                            {"lt", isCompared<Operator::Less>},
                                            {"lessthan", isCompared<Operator::Less>},
                                            {"<", isCompared<Operator::Less>},
                                            {"le", isCompared<Operator::LessEqual>},
                                            {"<=", isCompared<Operator::LessEqual>},
                                            {"gt", isCompared<Operator::Greater>},
                                            {"greaterthan", isCompared<Operator::Greater>},
                                            {">", isCompared<Operator::Greater>},
                                            {"ge", isCompared<Operator::GreaterEqual>},
                                            {">=", isCompared<Operator::GreaterEqual>}}};

}  // namespace

const TestEntry* findTest(std::string_view name) {
    const auto found = std::find_if(kTests.begin(), kTests.end(),
                                    [name](const TestEntry& entry) { return entry.name == name; });
    return found == kTests.end() ? nullptr : &*found;
}

const TestEntry& requireTest(const Value& name) {
    const TestEntry* entry = name.is(Kind::String) ? findTest(name.text()) : nullptr;
    if (entry == nullptr) raise("there is no such test");
    return *entry;
}

}  // namespace sotto::jinja
