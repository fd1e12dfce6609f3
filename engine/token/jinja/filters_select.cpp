#include <utility>

#include "engine/token/jinja/filters.h"

namespace sotto::jinja::filters {

namespace {

// select, reject and their -attr forms: [attribute,] [test, its arguments …].
Value choose(Runtime& runtime, const Value& self, Arguments& arguments, bool isByAttribute,
             bool isKeeping) {
    Values kept;
    const Values candidates = isTrue(self) ? iterate(runtime, self) : Values();
    Values rest = std::move(arguments.positional);
    Value path = Value::none();
    if (isByAttribute) {
        if (rest.empty()) raise("Missing parameter for attribute name");
        path = rest.front();
        rest.erase(rest.begin());
    }
    const TestEntry* test = nullptr;
    if (!rest.empty()) {
        test = &requireTest(rest.front());
        rest.erase(rest.begin());
    }
    for (const Value& item : candidates) {
        runtime.meter().spend(1 + static_cast<std::int64_t>(rest.size()));
        const Value subject = isByAttribute ? getPath(runtime, item, path) : item;
        bool isChosen = false;
        if (test == nullptr) {
            isChosen = isTrue(subject);
        } else {
            Arguments testArguments{rest, arguments.named};
            isChosen = test->function(runtime, subject, testArguments);
        }
        if (isChosen == isKeeping) kept.push_back(item);
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(kept));
}

}  // namespace

Value defaultValue(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("default", arguments, {"default_value", "boolean"}, 0);
    const bool isMissing = self.is(Kind::Undefined) || (bound.flagOr(1, false) && !isTrue(self));
    if (!isMissing) return self;
    return bound.has(0) ? bound.get(0) : runtime.makeString(OriginText());
}

Value attribute(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("attr", arguments, {"name"}, 1);
    // Unlike a dot, attr never looks at a dict's keys.
    if (self.is(Kind::Dict) && findDictMethod(bound.text(0)) == nullptr) {
        return runtime.makeUndefined("'dict object' has no attribute '" +
                                     std::string(bound.text(0)) + "'");
    }
    return getAttribute(runtime, self, bound.get(0));
}

Value map(Runtime& runtime, const Value& self, Arguments& arguments) {
    const Values source = isTrue(self) ? iterate(runtime, self) : Values();
    Values mapped;
    mapped.reserve(source.size());
    if (arguments.positional.empty()) {
        const BoundArguments bound("map", arguments, {"attribute", "default"}, 1);
        for (const Value& item : source) {
            runtime.meter().spend(1);
            Value found = getPath(runtime, item, bound.get(0));
            const bool isDefaulted = found.is(Kind::Undefined) && bound.hasValue(1);
            mapped.push_back(isDefaulted ? bound.get(1) : std::move(found));
        }
        return runtime.makeSequence(SequenceKind::Generator, std::move(mapped));
    }
    Values rest = std::move(arguments.positional);
    const FilterEntry& filter = requireFilter(rest.front());
    rest.erase(rest.begin());
    const Runtime::Level level(runtime);  // map may map with map
    for (const Value& item : source) {
        runtime.meter().spend(1 + static_cast<std::int64_t>(rest.size()));
        Arguments filterArguments{rest, arguments.named};
        mapped.push_back(filter.function(runtime, item, filterArguments));
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(mapped));
}

Value select(Runtime& runtime, const Value& self, Arguments& arguments) {
    return choose(runtime, self, arguments, false, true);
}
Value reject(Runtime& runtime, const Value& self, Arguments& arguments) {
    return choose(runtime, self, arguments, false, false);
}
Value selectAttribute(Runtime& runtime, const Value& self, Arguments& arguments) {
    return choose(runtime, self, arguments, true, true);
}
Value rejectAttribute(Runtime& runtime, const Value& self, Arguments& arguments) {
    return choose(runtime, self, arguments, true, false);
}

}  // namespace sotto::jinja::filters
