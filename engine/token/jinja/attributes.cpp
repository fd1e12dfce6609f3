// x.name, x[key], x[a:b:c] and iteration, with Python's and Jinja's rules of what wins: an
// attribute prefers methods over keys, a subscript prefers keys over methods.
#include <algorithm>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

void raiseUndefined(const Value& value) {
    if (value.identity() == nullptr) raise("a value is undefined");
    raise(value.as<StringObject>().text.bytes());
}

std::string describeForError(const Value& object) {
    if (object.is(Kind::None)) return "'None'";
    if (object.is(Kind::Namespace)) return "'namespace object'";
    return "'" + typeName(object) + " object'";
}

static Value missing(Runtime& runtime, const Value& object, const Value& key) {
    const bool isName = key.is(Kind::String);
    std::string shown = toRepr(runtime, key).bytes();
    if (shown.size() > 100) shown = shown.substr(0, previousOffset(shown, 100)) + "…";
    return runtime.makeUndefined(describeForError(object) +
                                 (isName ? " has no attribute " : " has no element ") + shown);
}

// A method or property; an Undefined without object when there is none of that name.
static Value findMember(Runtime& runtime, const Value& object, std::string_view name) {
    Function method = nullptr;
    switch (object.kind()) {
        case Kind::String: method = findStringMethod(name); break;
        case Kind::Dict: method = findDictMethod(name); break;
        case Kind::Sequence: {
            const auto& sequence = object.as<SequenceObject>();
            if (sequence.isGroup && name == "grouper") return sequence.items[0];
            if (sequence.isGroup && name == "list") return sequence.items[1];
            if (sequence.type == SequenceKind::Range) {
                if (name == "start") return Value::of(sequence.start);
                if (name == "stop") return Value::of(sequence.stop);
                if (name == "step") return Value::of(sequence.step);
            }
            method = findSequenceMethod(sequence.type, name);
            break;
        }
        case Kind::Namespace:
            for (const auto& [key, value] : object.as<NamespaceObject>().attributes) {
                if (key == name) return value;
            }
            break;
        case Kind::Bool:
        case Kind::Int:
        case Kind::BigInt:
        case Kind::Float: return findNumberMember(runtime, object, name);
        case Kind::Callable:
            if (name == "name")
                return runtime.makeString(OriginText(object.as<CallableObject>().name));
            break;
        case Kind::Loop: return findLoopAttribute(runtime, object, name);
        case Kind::Cycler:
        case Kind::Joiner: return findCyclerAttribute(runtime, object, name);
        default: break;
    }
    if (method != nullptr) return runtime.makeMethod(std::string(name), object, method);
    if (isChangingMethod(object, name)) {
        return runtime.makeUndefined("access to attribute '" + std::string(name) + "' of '" +
                                     typeName(object) + "' object is unsafe.");
    }
    return {};
}

static bool isFound(const Value& value) {
    return !value.is(Kind::Undefined) || value.identity() != nullptr;
}

// The item, or an Undefined without object where Python raises a TypeError or LookupError.
static Value findItem(Runtime& runtime, const Value& object, const Value& key) {
    if (object.is(Kind::Dict)) {
        const Value* found = object.as<DictObject>().find(key, runtime.meter());
        return found == nullptr ? Value() : *found;
    }
    if (!key.is(Kind::Int) && !key.is(Kind::Bool)) return {};
    const bool isText = object.is(Kind::String);
    if (!isText && !object.is(Kind::Sequence)) return {};
    if (!isText && object.as<SequenceObject>().type > SequenceKind::Range) return {};
    const std::int64_t length = lengthOf(object);
    const std::int64_t index = key.integer() < 0 ? key.integer() + length : key.integer();
    if (index < 0 || index >= length) return {};
    if (!isText) return object.as<SequenceObject>().items[static_cast<std::size_t>(index)];
    const std::string_view text = object.text();
    auto offset = static_cast<std::size_t>(index);
    if (!object.as<StringObject>().isAscii()) {
        runtime.meter().spendBytes(text.size());
        offset = 0;
        for (std::int64_t skipped = 0; skipped < index; ++skipped) nextCodePoint(text, offset);
    }
    std::size_t end = offset;
    nextCodePoint(text, end);
    return runtime.makeString(object.originText().slice(text.substr(offset, end - offset)),
                              object.isMarkup());
}

Value getAttribute(Runtime& runtime, const Value& object, const Value& name) {
    // What is not there has a class too, which is unsafe as any.
    const bool isClass = name.text() == "__class__";
    if (object.is(Kind::Undefined) && isClass) return missing(runtime, object, name);
    if (object.is(Kind::Undefined)) raiseUndefined(object);
    Value found = findMember(runtime, object, name.text());
    if (isFound(found)) return found;
    if (object.is(Kind::Dict)) {
        const Value* item = object.as<DictObject>().find(name, runtime.meter());
        if (item != nullptr) return *item;
    }
    return missing(runtime, object, name);
}

Value getItem(Runtime& runtime, const Value& object, const Value& key) {
    if (object.is(Kind::Undefined)) raiseUndefined(object);
    Value found = findItem(runtime, object, key);
    if (isFound(found)) return found;
    if (key.is(Kind::String)) {
        found = findMember(runtime, object, key.text());
        if (isFound(found)) return found;
    }
    return missing(runtime, object, key);
}

Value getPath(Runtime& runtime, const Value& object, const Value& path) {
    if (path.is(Kind::None)) return object;
    if (!path.is(Kind::String)) return getItem(runtime, object, path);
    Value current = object;
    std::string_view rest = path.text();
    while (true) {
        const std::size_t dot = rest.find('.');
        const std::string_view part = rest.substr(0, dot);
        const bool isIndex = !part.empty() && part.size() < 10 &&
                             part.find_first_not_of("0123456789") == std::string_view::npos;
        const Value key = isIndex ? Value::of(std::int64_t{std::stol(std::string(part))})
                                  : runtime.makeString(path.originText().slice(part));
        current = getItem(runtime, current, key);
        if (dot == std::string_view::npos) return current;
        rest.remove_prefix(dot + 1);
    }
}

namespace {

struct SliceRange {
    std::int64_t start = 0, stop = 0, step = 1, count = 0;
};

// Python's slice.indices().
SliceRange resolveSlice(const std::array<Value, 3>& bounds, std::int64_t length) {
    const auto bound = [&](std::size_t index, std::int64_t fallback) {
        const Value& value = bounds[index];
        if (value.is(Kind::None)) return fallback;
        if (value.is(Kind::Undefined)) raiseUndefined(value);
        if (!value.isWhole()) raise("slice indices must be integers or None");
        if (!value.is(Kind::BigInt)) return value.integer();
        // Beyond any text, and safe to count with.
        constexpr std::int64_t kFar = std::int64_t{1} << 62;
        return value.toBigInteger().isNegative() ? -kFar : kFar;
    };
    SliceRange range;
    range.step = bound(2, 1);
    if (range.step == 0) raise("slice step cannot be zero");
    const bool isForward = range.step > 0;
    const std::int64_t lowest = isForward ? 0 : -1;
    const std::int64_t highest = isForward ? length : length - 1;
    const auto clamp = [&](std::int64_t index) {
        if (index < 0) index += length;
        return std::clamp(index, lowest, highest);
    };
    constexpr std::size_t kStart = 0, kStop = 1;
    range.start =
        bounds[kStart].is(Kind::None) ? (isForward ? lowest : highest) : clamp(bound(kStart, 0));
    range.stop =
        bounds[kStop].is(Kind::None) ? (isForward ? highest : lowest) : clamp(bound(kStop, 0));
    const std::int64_t distance = isForward ? range.stop - range.start : range.start - range.stop;
    if (distance > 0) {
        const auto stride = isForward ? static_cast<std::uint64_t>(range.step)
                                      : std::uint64_t{0} - static_cast<std::uint64_t>(range.step);
        range.count =
            static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / stride) + 1;
    }
    return range;
}

Value sliceText(Runtime& runtime, const Value& object, const SliceRange& range) {
    const OriginText& whole = object.originText();
    const std::string_view text = object.text();
    runtime.meter().spendBytes(text.size());
    OriginText result;
    if (object.as<StringObject>().isAscii()) {
        if (range.step == 1) {
            result = whole.slice(text.substr(static_cast<std::size_t>(range.start),
                                             static_cast<std::size_t>(range.count)));
        } else {
            for (std::int64_t taken = 0; taken < range.count; ++taken) {
                const auto at = static_cast<std::size_t>(range.start + taken * range.step);
                result.append(whole, text.substr(at, 1));
            }
        }
        return runtime.makeString(std::move(result), object.isMarkup());
    }
    std::vector<std::size_t> offsets;  // of each character, and the end
    runtime.meter().spend(object.as<StringObject>().nCodePoints / 16);
    for (std::size_t offset = 0; offset < text.size(); nextCodePoint(text, offset)) {
        offsets.push_back(offset);
    }
    offsets.push_back(text.size());
    for (std::int64_t taken = 0; taken < range.count; ++taken) {
        const auto at = static_cast<std::size_t>(range.start + taken * range.step);
        result.append(whole, text.substr(offsets[at], offsets[at + 1] - offsets[at]));
    }
    return runtime.makeString(std::move(result), object.isMarkup());
}

}  // namespace

Value getSlice(Runtime& runtime, const Value& object, const std::array<Value, 3>& bounds) {
    if (object.is(Kind::Undefined)) raiseUndefined(object);
    const bool isText = object.is(Kind::String);
    if (!isText &&
        (!object.is(Kind::Sequence) || object.as<SequenceObject>().type > SequenceKind::Range)) {
        raise("'" + typeName(object) + "' object is not subscriptable by a slice");
    }
    const SliceRange range = resolveSlice(bounds, lengthOf(object));
    if (isText) return sliceText(runtime, object, range);
    const auto& sequence = object.as<SequenceObject>();
    if (sequence.type == SequenceKind::Range) {
        // Far steps of a short range are as good as one behind its end.
        const auto step = std::clamp<std::int64_t>(range.step, -kMaxRange - 1, kMaxRange + 1);
        return runtime.makeRange(sequence.start + range.start * sequence.step,
                                 sequence.start + range.stop * sequence.step, step * sequence.step);
    }
    Values items;
    items.reserve(static_cast<std::size_t>(range.count));
    for (std::int64_t taken = 0; taken < range.count; ++taken) {
        items.push_back(sequence.items[static_cast<std::size_t>(range.start + taken * range.step)]);
    }
    const bool isTuple = sequence.type == SequenceKind::Tuple;
    return runtime.makeSequence(isTuple ? SequenceKind::Tuple : SequenceKind::List,
                                std::move(items));
}

bool isIterable(const Value& value) {
    return value.is(Kind::Undefined) || value.is(Kind::String) || value.is(Kind::Sequence) ||
           value.is(Kind::Dict) || value.is(Kind::Loop);
}

Values iterate(Runtime& runtime, const Value& value) {
    Values items;
    switch (value.kind()) {
        case Kind::Undefined: return items;
        case Kind::String: {
            const std::string_view text = value.text();
            for (std::size_t offset = 0; offset < text.size();) {
                const std::size_t start = offset;
                nextCodePoint(text, offset);
                items.push_back(runtime.makeString(
                    value.originText().slice(text.substr(start, offset - start))));
            }
            return items;
        }
        case Kind::Sequence: {
            auto& sequence = value.as<SequenceObject>();
            runtime.meter().spend(static_cast<std::int64_t>(sequence.items.size()));
            if (sequence.type != SequenceKind::Generator) return sequence.items;
            items.assign(sequence.items.begin() + static_cast<std::ptrdiff_t>(sequence.cursor),
                         sequence.items.end());
            sequence.cursor = sequence.items.size();
            return items;
        }
        case Kind::Dict:
            for (const auto& entry : value.as<DictObject>().entries) items.push_back(entry.first);
            runtime.meter().spend(static_cast<std::int64_t>(items.size()));
            return items;
        default: raise("'" + typeName(value) + "' object is not iterable");
    }
}

std::int64_t lengthOf(const Value& value) {
    switch (value.kind()) {
        case Kind::Undefined: return 0;
        case Kind::String: return value.as<StringObject>().nCodePoints;
        case Kind::Dict: return static_cast<std::int64_t>(value.as<DictObject>().entries.size());
        case Kind::Loop: return static_cast<std::int64_t>(value.as<LoopObject>().items.size());
        case Kind::Sequence:
            if (value.as<SequenceObject>().type == SequenceKind::Generator) break;
            return static_cast<std::int64_t>(value.as<SequenceObject>().items.size());
        default: break;
    }
    raise("object of type '" + typeName(value) + "' has no len()");
}

}  // namespace sotto::jinja
