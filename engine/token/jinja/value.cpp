#include "engine/token/jinja/value.h"

#include <cmath>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

void raise(std::string message) { throw TemplateFault{std::move(message), 0, 0, false}; }

void checkTextSize(std::size_t bytes) {
    if (bytes > kMaxStringBytes) raise("the template makes a text that is too long");
}

void Meter::add(std::size_t bytes) {
    if (bytes > kMaxLiveBytes || m_bytes > kMaxLiveBytes - bytes) {
        raise("the template uses too much memory");
    }
    m_bytes += bytes;
}

void Meter::spend(std::int64_t steps) {
    m_steps += steps;
    if (m_steps > kMaxSteps) raise("the template takes too many steps");
}

Object::~Object() {
    if (m_meter != nullptr) m_meter->remove(m_bytes);
}

void Object::count(Meter* owner, std::size_t size) {
    owner->add(size);  // may raise: nothing is counted then
    m_meter = owner;
    m_bytes += size;
}

Value Value::none() {
    Value value;
    value.m_kind = Kind::None;
    return value;
}

Value Value::of(bool flag) {
    Value value;
    value.m_kind = Kind::Bool;
    value.m_int = flag ? 1 : 0;
    return value;
}

Value Value::of(std::int64_t number) {
    Value value;
    value.m_kind = Kind::Int;
    value.m_int = number;
    return value;
}

Value Value::of(double number) {
    Value value;
    value.m_kind = Kind::Float;
    value.m_float = number;
    return value;
}

Value Value::from(Origin origin) const {
    Value value = *this;
    value.m_origin = origin;
    return value;
}

double Value::toDouble() const {
    if (m_kind == Kind::Float) return m_float;
    if (m_kind != Kind::BigInt) return static_cast<double>(m_int);
    const double nearest = as<BigIntObject>().number.toDouble();
    if (std::isinf(nearest)) raise("int too large to convert to float");
    return nearest;
}

BigInteger Value::toBigInteger() const {
    return m_kind == Kind::BigInt ? as<BigIntObject>().number : BigInteger::of(m_int);
}

std::string_view Value::text() const { return as<StringObject>().text.bytes(); }
const OriginText& Value::originText() const { return as<StringObject>().text; }
Origin Value::origin() const { return is(Kind::String) ? originText().origin() : m_origin; }
bool Value::isMarkup() const { return is(Kind::String) && as<StringObject>().isMarkup; }

const Value* DictObject::find(std::string_view key, Meter& meter) const {
    meter.spendBytes(key.size());
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &entries[found->second].second;
}

const Value* DictObject::find(const Value& key, Meter& meter) const {
    if (key.is(Kind::String)) return find(key.text(), meter);
    if (entries.size() == index.size()) return nullptr;  // only string keys
    for (const auto& [entryKey, value] : entries) {
        if (areEqual(entryKey, key, meter)) return &value;
    }
    return nullptr;
}

void DictObject::set(Value key, Value value, Meter& meter) {
    depth = std::max(depth, 1 + std::max(depthOf(key), depthOf(value)));
    if (depth > kMaxValueDepth) raise("values are nested too deeply");
    if (const Value* present = find(key, meter); present != nullptr) {
        *const_cast<Value*>(present) = std::move(value);
        return;
    }
    entries.emplace_back(std::move(key), std::move(value));
    // The view stays valid when `entries` grows: it points into the shared string object.
    const Value& stored = entries.back().first;
    if (stored.is(Kind::String)) index.emplace(stored.text(), entries.size() - 1);
}

int depthOf(const Value& value) {
    switch (value.kind()) {
        case Kind::Sequence: return value.as<SequenceObject>().depth;
        case Kind::Dict: return value.as<DictObject>().depth;
        case Kind::Callable: {
            const auto& callable = value.as<CallableObject>();
            return callable.function == nullptr ? 0 : 1 + depthOf(callable.self);
        }
        case Kind::Loop: return value.as<LoopObject>().depth;
        case Kind::Cycler:
        case Kind::Joiner: return 1 + depthOf(value.as<CyclerObject>().items);
        default: return 0;
    }
}

bool isTrue(const Value& value) {
    switch (value.kind()) {
        case Kind::Undefined:
        case Kind::None: return false;
        case Kind::Bool:
        case Kind::Int: return value.integer() != 0;
        case Kind::BigInt: return true;
        case Kind::Float: return value.real() != 0.0;
        case Kind::String: return !value.text().empty();
        case Kind::Sequence: {
            const auto& sequence = value.as<SequenceObject>();
            return sequence.type == SequenceKind::Generator || !sequence.items.empty();
        }
        case Kind::Dict: return !value.as<DictObject>().entries.empty();
        default: return true;
    }
}

bool isHashable(const Value& value) {
    if (value.is(Kind::Dict)) return false;
    return !value.is(Kind::Sequence) || value.as<SequenceObject>().isHashable;
}

static bool areSequencesEqual(const SequenceObject& left, const SequenceObject& right,
                              Meter& meter) {
    if (left.type != right.type || left.items.size() != right.items.size()) return false;
    if (left.type == SequenceKind::Generator || left.type == SequenceKind::DictValues) return false;
    for (std::size_t index = 0; index < left.items.size(); ++index) {
        if (!areEqual(left.items[index], right.items[index], meter)) return false;
    }
    return true;
}

bool areEqual(const Value& left, const Value& right, Meter& meter) {
    meter.spend(1);
    if (left.isNumber() && right.isNumber()) return compareNumbers(left, right) == 0;
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case Kind::Undefined:
        case Kind::None: return true;
        case Kind::String:
            if (left.text().size() != right.text().size()) return false;
            meter.spendBytes(left.text().size());
            return left.text() == right.text();
        default: break;
    }
    if (left.identity() == right.identity()) return true;
    if (left.is(Kind::Sequence)) {
        return areSequencesEqual(left.as<SequenceObject>(), right.as<SequenceObject>(), meter);
    }
    if (left.is(Kind::Dict)) {
        const auto& a = left.as<DictObject>();
        const auto& b = right.as<DictObject>();
        if (a.entries.size() != b.entries.size()) return false;
        for (const auto& [key, value] : a.entries) {
            const Value* other = b.find(key, meter);
            if (other == nullptr || !areEqual(value, *other, meter)) return false;
        }
        return true;
    }
    return false;
}

std::string typeName(const Value& value) {
    switch (value.kind()) {
        case Kind::Undefined: return "Undefined";
        case Kind::None: return "NoneType";
        case Kind::Bool: return "bool";
        case Kind::Int:
        case Kind::BigInt: return "int";
        case Kind::Float: return "float";
        case Kind::String: return value.isMarkup() ? "Markup" : "str";
        case Kind::Sequence:
            switch (value.as<SequenceObject>().type) {
                case SequenceKind::List: return "list";
                case SequenceKind::Tuple: return "tuple";
                case SequenceKind::Range: return "range";
                case SequenceKind::Generator: return "generator";
                case SequenceKind::DictKeys: return "dict_keys";
                case SequenceKind::DictValues: return "dict_values";
                case SequenceKind::DictItems: return "dict_items";
            }
            break;
        case Kind::Dict: return "dict";
        case Kind::Namespace: return "Namespace";
        case Kind::Callable: return "function";
        case Kind::Loop: return "LoopContext";
        case Kind::Cycler: return "Cycler";
        case Kind::Joiner: return "Joiner";
    }
    return "object";
}

int compareNumbers(const Value& left, const Value& right) {
    const auto order = [](auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; };
    if (left.isWhole() && right.isWhole()) {
        const bool isSmall = !left.is(Kind::BigInt) && !right.is(Kind::BigInt);
        return isSmall ? order(left.integer(), right.integer())
                       : BigInteger::compare(left.toBigInteger(), right.toBigInteger());
    }
    if (right.is(Kind::Float) && std::isnan(right.real())) return 2;
    if (!left.is(Kind::Float)) {
        const int reversed = compareNumbers(right, left);
        return reversed == 2 ? 2 : -reversed;
    }
    if (std::isnan(left.real())) return 2;
    if (right.is(Kind::Float)) return order(left.real(), right.real());
    if (std::isinf(left.real())) return left.real() < 0 ? -1 : 1;
    // A float and a whole number: their whole parts, then what is left of the float.
    const double whole = std::trunc(left.real());
    const int byWhole = BigInteger::compare(BigInteger::truncated(whole), right.toBigInteger());
    return byWhole != 0 ? byWhole : order(left.real(), whole);
}

Value constantInteger(const BigInteger& number) {
    if (const auto small = number.toInt64()) return Value::of(*small);
    auto object = std::make_shared<BigIntObject>();
    object->number = number;
    return {Kind::BigInt, std::move(object)};
}

Value constantString(std::string text) {
    auto object = std::make_shared<StringObject>();
    object->nCodePoints = countCodePoints(text);
    object->text = OriginText(std::move(text));
    return {Kind::String, std::move(object)};
}

}  // namespace sotto::jinja
