#include <algorithm>
#include <utility>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/string_functions.h"

namespace sotto::jinja::filters {

namespace {

// Keys computed once, then a stable sort of positions: a fault in between leaves nothing behind.
Values sortBy(Runtime& runtime, const Values& items, const Values& keys, bool isReversed) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return isReversed ? isLess(runtime, keys[right], keys[left])
                          : isLess(runtime, keys[left], keys[right]);
    });
    Values sorted;
    sorted.reserve(items.size());
    for (const std::size_t index : order) sorted.push_back(items[index]);
    return sorted;
}

// "a,b" sorts by several attributes: the key is then a list.
Value sortKey(Runtime& runtime, const Value& item, const Value& attribute, bool isCaseSensitive) {
    Values parts;
    if (attribute.is(Kind::String)) {
        std::string_view rest = attribute.text();
        while (true) {
            const std::size_t comma = rest.find(',');
            const Value path = runtime.makeString(OriginText(std::string(rest.substr(0, comma))));
            parts.push_back(foldCase(runtime, getPath(runtime, item, path), isCaseSensitive));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    } else {
        parts.push_back(foldCase(runtime, getPath(runtime, item, attribute), isCaseSensitive));
    }
    // A list, as Jinja makes it: equal items are then never compared with '<'.
    return runtime.makeList(std::move(parts));
}

Value extreme(Runtime& runtime, const Value& self, Arguments& arguments, bool isMaximum) {
    const BoundArguments bound("min", arguments, {"case_sensitive", "attribute"}, 0);
    const Values items = iterate(runtime, self);
    if (items.empty()) return runtime.makeUndefined("No aggregated item, sequence was empty.");
    const Value path = bound.valueOr(1, Value::none());
    const auto keyOf = [&](const Value& item) {
        return foldCase(runtime, getPath(runtime, item, path), bound.flagOr(0, false));
    };
    Value best = items[0], bestKey = keyOf(items[0]);
    for (std::size_t index = 1; index < items.size(); ++index) {
        Value key = keyOf(items[index]);
        const bool isBetter =
            isMaximum ? isLess(runtime, bestKey, key) : isLess(runtime, key, bestKey);
        if (!isBetter) continue;
        best = items[index];
        bestKey = std::move(key);
    }
    return best;
}

}  // namespace

Value foldCase(Runtime& runtime, const Value& value, bool isCaseSensitive) {
    if (isCaseSensitive || !value.is(Kind::String)) return value;
    return runtime.makeString(toLower(value.originText()));
}

Value length(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("length", arguments, {}, 0);
    return Value::of(lengthOf(self));
}

Value list(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("list", arguments, {}, 0);
    return runtime.makeList(iterate(runtime, self));
}

Value first(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("first", arguments, {}, 0);
    if (self.is(Kind::Sequence) && self.as<SequenceObject>().type == SequenceKind::Generator) {
        auto& generator = self.as<SequenceObject>();
        if (generator.cursor < generator.items.size()) return generator.items[generator.cursor++];
    } else if (self.is(Kind::String) || self.is(Kind::Sequence)) {
        if (lengthOf(self) > 0 && self.is(Kind::String)) {
            return getItem(runtime, self, Value::of(std::int64_t{0}));
        }
        if (lengthOf(self) > 0) return self.as<SequenceObject>().items.front();
    } else {
        const Values items = iterate(runtime, self);
        if (!items.empty()) return items.front();
    }
    return runtime.makeUndefined("No first item, sequence was empty.");
}

Value last(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("last", arguments, {}, 0);
    if (self.is(Kind::String) && lengthOf(self) > 0) {
        return getItem(runtime, self, Value::of(std::int64_t{-1}));
    }
    if (self.is(Kind::Sequence)) {
        const auto& sequence = self.as<SequenceObject>();
        if (sequence.type == SequenceKind::Generator) {
            raise("'generator' object is not reversible");
        }
        if (!sequence.items.empty()) return sequence.items.back();
    } else if (!self.is(Kind::String)) {
        const Values items = iterate(runtime, self);
        if (!items.empty()) return items.back();
    }
    return runtime.makeUndefined("No last item, sequence was empty.");
}

Value join(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("join", arguments, {"d", "attribute"}, 0);
    const OriginText separator = bound.has(0) ? toText(runtime, bound.get(0)) : OriginText();
    OriginText result;
    bool isFirst = true;
    for (const Value& item : iterate(runtime, self)) {
        if (!isFirst) result.append(separator);
        isFirst = false;
        const Value part = bound.hasValue(1) ? getPath(runtime, item, bound.get(1)) : item;
        result.append(toText(runtime, part));
        runtime.meter().spendBytes(separator.size());
        checkTextSize(result.size());
    }
    return runtime.makeString(std::move(result));
}

Value reverse(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("reverse", arguments, {}, 0);
    if (self.is(Kind::String)) {
        return getSlice(runtime, self, {Value::none(), Value::none(), Value::of(std::int64_t{-1})});
    }
    Values items = iterate(runtime, self);
    std::reverse(items.begin(), items.end());
    const bool isGenerator =
        self.is(Kind::Sequence) && self.as<SequenceObject>().type == SequenceKind::Generator;
    return runtime.makeSequence(isGenerator ? SequenceKind::List : SequenceKind::Generator,
                                std::move(items));
}

Value batch(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("batch", arguments, {"linecount", "fill_with"}, 1);
    const std::int64_t size = bound.integerOr(0, 1);
    Values rows, row;
    for (Value& item : iterate(runtime, self)) {
        if (static_cast<std::int64_t>(row.size()) == size) {
            rows.push_back(runtime.makeList(std::exchange(row, {})));
        }
        row.push_back(std::move(item));
    }
    if (!row.empty()) {
        if (size > kMaxRange && bound.hasValue(1)) raise("batch fills rows of at most 100000");
        if (bound.hasValue(1) && static_cast<std::int64_t>(row.size()) < size) {
            row.resize(static_cast<std::size_t>(size), bound.get(1));
        }
        rows.push_back(runtime.makeList(std::move(row)));
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(rows));
}

Value slice(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("slice", arguments, {"slices", "fill_with"}, 1);
    const std::int64_t nSlices = bound.integerOr(0, 1);
    if (nSlices < 1 || nSlices > kMaxRange) raise("slice needs a count from 1 to 100000");
    const Values items = iterate(runtime, self);
    const auto count = static_cast<std::size_t>(nSlices);
    const std::size_t perSlice = items.size() / count, nLonger = items.size() % count;
    Values slices;
    std::size_t start = 0;
    for (std::size_t at = 0; at < count; ++at) {
        const std::size_t end = start + perSlice + (at < nLonger ? 1 : 0);
        Values part(items.begin() + static_cast<std::ptrdiff_t>(start),
                    items.begin() + static_cast<std::ptrdiff_t>(end));
        if (bound.hasValue(1) && at >= nLonger) part.push_back(bound.get(1));
        slices.push_back(runtime.makeList(std::move(part)));
        start = end;
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(slices));
}

Value items(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("items", arguments, {}, 0);
    Values pairs;
    if (!self.is(Kind::Undefined) && !self.is(Kind::Dict)) {
        raise("Can only get item pairs from a mapping.");
    }
    if (self.is(Kind::Dict)) {
        for (const auto& [key, value] : self.as<DictObject>().entries) {
            pairs.push_back(runtime.makePair(key, value));
        }
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(pairs));
}

Value dictSort(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("dictsort", arguments, {"case_sensitive", "by", "reverse"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.is(Kind::Dict)) raise(describeForError(self) + " has no attribute 'items'");
    const std::string_view by = bound.has(1) ? bound.text(1) : "key";
    if (by != "key" && by != "value") raise("You can only sort by either \"key\" or \"value\"");
    Values pairs, keys;
    for (const auto& [key, value] : self.as<DictObject>().entries) {
        pairs.push_back(runtime.makePair(key, value));
        keys.push_back(foldCase(runtime, by == "key" ? key : value, bound.flagOr(0, false)));
    }
    return runtime.makeList(sortBy(runtime, pairs, keys, bound.flagOr(2, false)));
}

Value sort(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("sort", arguments, {"reverse", "case_sensitive", "attribute"}, 0);
    const Values unsorted = iterate(runtime, self);
    const Value attributePath = bound.valueOr(2, Value::none());
    Values keys;
    keys.reserve(unsorted.size());
    for (const Value& item : unsorted) {
        keys.push_back(sortKey(runtime, item, attributePath, bound.flagOr(1, false)));
    }
    return runtime.makeList(sortBy(runtime, unsorted, keys, bound.flagOr(0, false)));
}

Value unique(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("unique", arguments, {"case_sensitive", "attribute"}, 0);
    const Value path = bound.valueOr(1, Value::none());
    auto seen = Runtime::startDict();
    Values kept;
    for (const Value& item : iterate(runtime, self)) {
        const Value key = foldCase(runtime, getPath(runtime, item, path), bound.flagOr(0, false));
        if (!isHashable(key)) raise("unhashable type: '" + typeName(key) + "'");
        if (seen->find(key, runtime.meter()) != nullptr) continue;
        seen->set(key, Value::none(), runtime.meter());
        kept.push_back(item);
    }
    return runtime.makeSequence(SequenceKind::Generator, std::move(kept));
}

Value minimum(Runtime& runtime, const Value& self, Arguments& arguments) {
    return extreme(runtime, self, arguments, false);
}
Value maximum(Runtime& runtime, const Value& self, Arguments& arguments) {
    return extreme(runtime, self, arguments, true);
}

Value groupBy(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
    const Values members = iterate(runtime, self);
    const auto plainKey = [&](const Value& item) {
        Value key = getPath(runtime, item, bound.get(0));
        return key.is(Kind::Undefined) && bound.hasValue(1) ? bound.get(1) : key;
    };
    Values keys;
    for (const Value& item : members) {
        keys.push_back(foldCase(runtime, plainKey(item), bound.flagOr(2, false)));
    }
    const Values sortedMembers = sortBy(runtime, members, keys, false);
    const Values sortedKeys = sortBy(runtime, keys, keys, false);
    Values groups;
    for (std::size_t start = 0; start < sortedMembers.size();) {
        std::size_t end = start + 1;
        while (end < sortedMembers.size() &&
               areEqual(sortedKeys[start], sortedKeys[end], runtime.meter())) {
            ++end;
        }
        Values group(sortedMembers.begin() + static_cast<std::ptrdiff_t>(start),
                     sortedMembers.begin() + static_cast<std::ptrdiff_t>(end));
        Value key = plainKey(group.front());
        Value pair = runtime.makePair(std::move(key), runtime.makeList(std::move(group)));
        pair.as<SequenceObject>().isGroup = true;
        groups.push_back(std::move(pair));
        start = end;
    }
    return runtime.makeList(std::move(groups));
}

}  // namespace sotto::jinja::filters
