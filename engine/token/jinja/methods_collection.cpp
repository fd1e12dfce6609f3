// Methods of lists, tuples, dicts and of `loop`. What would change a value is refused, as in the
// sandbox that chat templates are written for.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

namespace {

Value index(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("index", arguments, {"value", "start", "stop"}, 1);
    const Values& items = self.as<SequenceObject>().items;
    const auto size = static_cast<std::int64_t>(items.size());
    const auto place = [size](std::int64_t at) {
        return static_cast<std::size_t>(std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size));
    };
    const std::size_t end = place(bound.integerOr(2, size));
    for (std::size_t at = place(bound.integerOr(1, 0)); at < end; ++at) {
        if (areEqual(items[at], bound.get(0), runtime.meter())) {
            return Value::of(static_cast<std::int64_t>(at));
        }
    }
    raise("the value is not in the list");
}

Value count(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("count", arguments, {"value"}, 1);
    const Values& items = self.as<SequenceObject>().items;
    return Value::of(std::int64_t{std::count_if(items.begin(), items.end(), [&](const Value& item) {
        return areEqual(item, bound.get(0), runtime.meter());
    })});
}

Value copy(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("copy", arguments, {}, 0);
    return self;  // nothing can change either of them
}

Value get(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("get", arguments, {"key", "default"}, 1);
    if (!isHashable(bound.get(0))) raise("unhashable type: '" + typeName(bound.get(0)) + "'");
    const Value* found = self.as<DictObject>().find(bound.get(0), runtime.meter());
    return found != nullptr ? *found : bound.valueOr(1, Value::none());
}

Value fromKeys(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("fromkeys", arguments, {"iterable", "value"}, 1);
    auto dict = Runtime::startDict();
    for (const Value& key : iterate(runtime, bound.get(0))) {
        if (!isHashable(key)) raise("unhashable type: '" + typeName(key) + "'");
        dict->set(key, bound.valueOr(1, Value::none()), runtime.meter());
    }
    return runtime.finishDict(std::move(dict));
}

Value keys(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("keys", arguments, {}, 0);
    Values items;
    for (const auto& entry : self.as<DictObject>().entries) items.push_back(entry.first);
    return runtime.makeSequence(SequenceKind::DictKeys, std::move(items));
}

Value values(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("values", arguments, {}, 0);
    Values items;
    for (const auto& entry : self.as<DictObject>().entries) items.push_back(entry.second);
    return runtime.makeSequence(SequenceKind::DictValues, std::move(items));
}

Value items(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("items", arguments, {}, 0);
    Values pairs;
    for (const auto& [key, value] : self.as<DictObject>().entries) {
        pairs.push_back(runtime.makePair(key, value));
    }
    return runtime.makeSequence(SequenceKind::DictItems, std::move(pairs));
}

Value cycle(Runtime&, const Value& self, Arguments& arguments) {
    const Values& choices = arguments.positional;
    if (choices.empty()) raise("no items for cycling given");
    const auto at = static_cast<std::size_t>(self.as<LoopObject>().index0);
    return choices[at % choices.size()];
}

Value changed(Runtime& runtime, const Value& self, Arguments& arguments) {
    auto& loop = self.as<LoopObject>();
    const Values& now = arguments.positional;
    const bool isSame = loop.hasChangedValue && now.size() == loop.changedValue.size() &&
                        std::equal(now.begin(), now.end(), loop.changedValue.begin(),
                                   [&](const Value& left, const Value& right) {
                                       return areEqual(left, right, runtime.meter());
                                   });
    // What a loop remembers is dropped at its end: a loop remembering itself would never be freed.
    if (loop.isFinished) raise("loop.changed was called after the loop");
    loop.hasChangedValue = true;
    loop.changedValue = now;
    return Value::of(!isSame);
}

Value currentOf(const Value& cycler) {
    const auto& object = cycler.as<CyclerObject>();
    return object.items.as<SequenceObject>().items[object.position];
}

Value next(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("next", arguments, {}, 0);
    Value current = currentOf(self);
    auto& object = self.as<CyclerObject>();
    object.position = (object.position + 1) % object.items.as<SequenceObject>().items.size();
    return current;
}

Value reset(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("reset", arguments, {}, 0);
    self.as<CyclerObject>().position = 0;
    return Value::none();
}

}  // namespace

Value callJoiner(Runtime& runtime, const Value& joiner, Arguments& arguments) {
    const BoundArguments bound("joiner", arguments, {}, 0);
    auto& object = joiner.as<CyclerObject>();
    if (std::exchange(object.position, 1) == 0) return runtime.makeString(OriginText());
    return object.items;
}

Value findCyclerAttribute(Runtime& runtime, const Value& object, std::string_view name) {
    const auto& cycler = object.as<CyclerObject>();
    if (object.is(Kind::Joiner)) {
        if (name == "sep") return cycler.items;
        return name == "used" ? Value::of(cycler.position != 0) : Value();
    }
    if (name == "items") return cycler.items;
    if (name == "pos") return Value::of(static_cast<std::int64_t>(cycler.position));
    if (name == "current") return currentOf(object);
    if (name == "next") return runtime.makeMethod("next", object, next);
    return name == "reset" ? runtime.makeMethod("reset", object, reset) : Value();
}

Function findSequenceMethod(SequenceKind type, std::string_view name) {
    const bool isStored = type == SequenceKind::List || type == SequenceKind::Tuple;
    if (isStored || type == SequenceKind::Range) {
        if (name == "index") return index;
        if (name == "count") return count;
    }
    return type == SequenceKind::List && name == "copy" ? copy : nullptr;
}

Function findDictMethod(std::string_view name) {
    if (name == "get") return get;
    if (name == "items") return items;
    if (name == "keys") return keys;
    if (name == "values") return values;
    if (name == "fromkeys") return fromKeys;
    return name == "copy" ? copy : nullptr;
}

bool isChangingMethod(const Value& object, std::string_view name) {
    static constexpr std::array<std::string_view, 8> kList{"append", "clear", "pop",    "reverse",
                                                           "insert", "sort",  "extend", "remove"};
    static constexpr std::array<std::string_view, 5> kDict{"clear", "pop", "popitem", "setdefault",
                                                           "update"};
    if (object.is(Kind::Dict)) return std::find(kDict.begin(), kDict.end(), name) != kDict.end();
    const bool isList =
        object.is(Kind::Sequence) && object.as<SequenceObject>().type == SequenceKind::List;
    return isList && std::find(kList.begin(), kList.end(), name) != kList.end();
}

Value findLoopAttribute(Runtime& runtime, const Value& object, std::string_view name) {
    const auto& loop = object.as<LoopObject>();
    const auto length = static_cast<std::int64_t>(loop.items.size());
    const auto itemAt = [&](std::int64_t at, const char* why) {
        const bool isThere = at >= 0 && at < length;
        return isThere ? loop.items[static_cast<std::size_t>(at)] : runtime.makeUndefined(why);
    };
    if (name == "index") return Value::of(loop.index0 + 1);
    if (name == "index0") return Value::of(loop.index0);
    if (name == "revindex") return Value::of(length - loop.index0);
    if (name == "revindex0") return Value::of(length - loop.index0 - 1);
    if (name == "first") return Value::of(loop.index0 == 0);
    if (name == "last") return Value::of(loop.index0 + 1 >= length);
    if (name == "length") return Value::of(length);
    if (name == "depth") return Value::of(std::int64_t{loop.depth0} + 1);
    if (name == "depth0") return Value::of(std::int64_t{loop.depth0});
    if (name == "previtem") return itemAt(loop.index0 - 1, "there is no previous item");
    if (name == "nextitem") return itemAt(loop.index0 + 1, "there is no next item");
    if (name == "cycle") return runtime.makeMethod("cycle", object, cycle);
    if (name == "changed") return runtime.makeMethod("changed", object, changed);
    return {};
}

}  // namespace sotto::jinja
