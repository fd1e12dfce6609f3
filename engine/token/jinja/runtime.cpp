#include "engine/token/jinja/runtime.h"

#include <algorithm>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

Runtime::Level::Level(Runtime& runtime) : m_runtime(runtime) {
    runtime.m_meter.spend(1);
    if (runtime.m_depth >= kMaxEvaluationDepth) raise("the template calls itself too deeply");
    ++runtime.m_depth;
}

Value Runtime::makeString(OriginText text, bool isMarkup) {
    checkTextSize(text.size());
    m_meter.spendBytes(text.size());
    auto object = std::make_shared<StringObject>();
    object->count(&m_meter, sizeof(StringObject) + text.memoryBytes());
    object->nCodePoints = countCodePoints(text.bytes());
    object->text = std::move(text);
    object->isMarkup = isMarkup;
    return {Kind::String, std::move(object)};
}

Value Runtime::makeInteger(const BigInteger& number) {
    if (const auto small = number.toInt64()) return Value::of(*small);
    if (number.nBits() > kMaxIntegerBits) raise("the template makes a number that is too large");
    Value value = constantInteger(number);
    value.as<BigIntObject>().count(&m_meter, sizeof(BigIntObject) + number.nBits() / 8);
    return value;
}

Value Runtime::makeUndefined(std::string why) {
    auto object = std::make_shared<StringObject>();
    object->count(&m_meter, sizeof(StringObject) + why.size());
    object->text = OriginText(std::move(why));
    return {Kind::Undefined, std::move(object)};
}

Value Runtime::makeSequence(SequenceKind type, Values items) {
    m_meter.spend(1 + static_cast<std::int64_t>(items.size()));
    auto object = std::make_shared<SequenceObject>();
    object->count(&m_meter, sizeof(SequenceObject) + items.size() * sizeof(Value));
    object->type = type;
    for (const Value& item : items) object->depth = std::max(object->depth, 1 + depthOf(item));
    if (object->depth > kMaxValueDepth) raise("values are nested too deeply");
    object->isHashable = type == SequenceKind::Tuple
                             ? std::all_of(items.begin(), items.end(), isHashable)
                             : type != SequenceKind::List && type != SequenceKind::DictKeys &&
                                   type != SequenceKind::DictItems;
    object->items = std::move(items);
    return {Kind::Sequence, std::move(object)};
}

Value Runtime::makePair(Value first, Value second) {
    Values items;
    items.reserve(2);
    items.push_back(std::move(first));
    items.push_back(std::move(second));
    return makeTuple(std::move(items));
}

Value Runtime::makeRange(std::int64_t start, std::int64_t stop, std::int64_t step) {
    if (step == 0) raise("range() arg 3 must not be zero");
    // Unsigned differences cannot overflow.
    const bool isForward = step > 0;
    const auto distance =
        isForward ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)
                  : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop);
    const auto stride = isForward ? static_cast<std::uint64_t>(step)
                                  : std::uint64_t{0} - static_cast<std::uint64_t>(step);
    const bool isEmpty = isForward ? start >= stop : start <= stop;
    const std::uint64_t nItems = isEmpty ? 0 : (distance - 1) / stride + 1;
    if (nItems > static_cast<std::uint64_t>(kMaxRange)) {
        raise("Range too big. The sandbox blocks ranges larger than " + std::to_string(kMaxRange));
    }
    Values items;
    items.reserve(nItems);
    for (std::uint64_t index = 0; index < nItems; ++index) {
        items.push_back(Value::of(start + static_cast<std::int64_t>(index) * step));
    }
    Value range = makeSequence(SequenceKind::Range, std::move(items));
    auto& object = range.as<SequenceObject>();
    object.start = start;
    object.stop = stop;
    object.step = step;
    return range;
}

Value Runtime::makeMethod(std::string name, Value self, Function function) {
    if (depthOf(self) >= kMaxValueDepth) raise("values are nested too deeply");
    auto object = std::make_shared<CallableObject>();
    object->count(&m_meter, sizeof(CallableObject) + name.size());
    object->name = std::move(name);
    object->self = std::move(self);
    object->function = function;
    return {Kind::Callable, std::move(object)};
}

Value Runtime::makeCycler(Kind kind, Value items) {
    if (depthOf(items) >= kMaxValueDepth) raise("values are nested too deeply");
    auto object = std::make_shared<CyclerObject>();
    object->count(&m_meter, sizeof(CyclerObject));
    object->items = std::move(items);
    return {kind, std::move(object)};
}

Value Runtime::makeNamespace(std::vector<std::pair<OriginText, Value>> attributes) {
    auto object = std::make_shared<NamespaceObject>();
    object->count(&m_meter, sizeof(NamespaceObject) + attributes.size() * 64);
    object->attributes = std::move(attributes);
    m_namespaces.push_back(object);
    return {Kind::Namespace, std::move(object)};
}

Value Runtime::finishDict(std::shared_ptr<DictObject> dict) {
    m_meter.spend(1 + static_cast<std::int64_t>(dict->entries.size()));
    // Two values and about five words of index for each entry.
    constexpr std::size_t kEntryBytes = 2 * sizeof(Value) + 5 * sizeof(void*);
    dict->count(&m_meter, sizeof(DictObject) + dict->entries.size() * kEntryBytes);
    return {Kind::Dict, std::move(dict)};
}

void Runtime::clearNamespaces() {
    for (const auto& object : m_namespaces) object->attributes.clear();
    m_namespaces.clear();
}

BoundArguments::BoundArguments(std::string_view function, Arguments& arguments,
                               std::initializer_list<std::string_view> names, std::size_t nRequired)
    : m_function(function) {
    if (arguments.positional.size() > names.size()) {
        raise(m_function + "() takes at most " + std::to_string(names.size()) + " arguments (" +
              std::to_string(arguments.positional.size()) + " given)");
    }
    for (std::size_t index = 0; index < arguments.positional.size(); ++index) {
        m_values[index] = &arguments.positional[index];
    }
    for (const auto& [name, value] : arguments.named) {
        const auto found = std::find(names.begin(), names.end(), name.bytes());
        if (found == names.end()) {
            raise(m_function + "() got an unexpected keyword argument '" + name.bytes() + "'");
        }
        const auto index = static_cast<std::size_t>(found - names.begin());
        if (m_values[index] != nullptr) {
            raise(m_function + "() got multiple values for argument '" + name.bytes() + "'");
        }
        m_values[index] = &value;
    }
    for (std::size_t index = 0; index < nRequired; ++index) {
        if (m_values[index] != nullptr) continue;
        raise(m_function + "() missing required argument '" + std::string(names.begin()[index]) +
              "'");
    }
}

Value BoundArguments::valueOr(std::size_t index, Value fallback) const {
    return has(index) ? get(index) : fallback;
}

std::int64_t BoundArguments::integerOr(std::size_t index, std::int64_t fallback) const {
    if (!has(index)) return fallback;
    const Value& value = get(index);
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (value.is(Kind::BigInt)) raise("Python int too large to convert to C ssize_t");
    if (!value.is(Kind::Int) && !value.is(Kind::Bool)) {
        raise(m_function + "() needs an integer, got '" + typeName(value) + "'");
    }
    return value.integer();
}

bool BoundArguments::flagOr(std::size_t index, bool fallback) const {
    return has(index) ? isTrue(get(index)) : fallback;
}

std::string_view BoundArguments::text(std::size_t index) const { return originText(index).bytes(); }

const OriginText& BoundArguments::originText(std::size_t index) const {
    const Value& value = get(index);
    if (value.is(Kind::Undefined)) raiseUndefined(value);
    if (!value.is(Kind::String)) {
        raise(m_function + "() argument must be str, not " + typeName(value));
    }
    return value.originText();
}

}  // namespace sotto::jinja
