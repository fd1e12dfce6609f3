// The functions every template can call: Jinja's own and those of the chat template convention.
#include <array>
#include <utility>

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

namespace {

Value range(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("range", arguments, {"start", "stop", "step"}, 1);
    const std::int64_t first = bound.integerOr(0, 0);
    if (!bound.has(1)) return runtime.makeRange(0, first, 1);
    return runtime.makeRange(first, bound.integerOr(1, 0), bound.integerOr(2, 1));
}

// A mapping or pairs, then named arguments: shared by dict() and namespace().
std::shared_ptr<DictObject> collect(Runtime& runtime, Arguments& arguments, const char* function) {
    auto dict = Runtime::startDict();
    if (arguments.positional.size() > 1) {
        raise(std::string(function) + "() takes at most one positional argument");
    }
    for (const Value& source : arguments.positional) {
        if (source.is(Kind::Dict)) {
            for (const auto& [key, value] : source.as<DictObject>().entries) {
                dict->set(key, value, runtime.meter());
            }
            continue;
        }
        for (const Value& item : iterate(runtime, source)) {
            const Values pair = iterate(runtime, item);
            if (pair.size() != 2) raise("a dict is made of pairs");
            if (!isHashable(pair[0])) raise("unhashable type: '" + typeName(pair[0]) + "'");
            dict->set(pair[0], pair[1], runtime.meter());
        }
    }
    for (auto& [name, value] : arguments.named) {
        dict->set(runtime.makeString(name), value, runtime.meter());
    }
    return dict;
}

Value makeDict(Runtime& runtime, const Value&, Arguments& arguments) {
    return runtime.finishDict(collect(runtime, arguments, "dict"));
}

Value makeNamespace(Runtime& runtime, const Value&, Arguments& arguments) {
    std::vector<std::pair<OriginText, Value>> attributes;
    const auto dict = collect(runtime, arguments, "namespace");
    for (const auto& [key, value] : dict->entries) {
        attributes.emplace_back(toText(runtime, key), value);
    }
    return runtime.makeNamespace(std::move(attributes));
}

Value raiseException(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("raise_exception", arguments, {"message"}, 1);
    throw TemplateFault{toText(runtime, bound.get(0)).bytes(), 0, 0, true};
}

Value strftimeNow(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("strftime_now", arguments, {"format"}, 1);
    return runtime.makeString(
        OriginText(formatDate(bound.text(0), runtime.nowUtc()), bound.originText(0).origin()));
}

Value makeCycler(Runtime& runtime, const Value&, Arguments& arguments) {
    if (!arguments.named.empty()) raise("cycler() takes no keyword arguments");
    if (arguments.positional.empty()) raise("at least one item has to be provided");
    return runtime.makeCycler(Kind::Cycler, runtime.makeTuple(std::move(arguments.positional)));
}

Value makeJoiner(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("joiner", arguments, {"sep"}, 0);
    return runtime.makeCycler(Kind::Joiner,
                              bound.has(0) ? bound.get(0) : runtime.makeString(OriginText(", ")));
}

constexpr std::array<std::pair<std::string_view, Function>, 7> kGlobals{
    {{"range", range},
     {"cycler", makeCycler},
     {"joiner", makeJoiner},
     {"dict", makeDict},
     {"namespace", makeNamespace},
     {"raise_exception", raiseException},
     {"strftime_now", strftimeNow}}};

}  // namespace

Value findGlobal(Runtime& runtime, std::string_view name) {
    for (const auto& [globalName, function] : kGlobals) {
        if (globalName == name) return runtime.makeMethod(std::string(name), {}, function);
    }
    return {};
}

}  // namespace sotto::jinja
