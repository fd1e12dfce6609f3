// The filter functions by name, for the table in filters.cpp. Each takes the filtered value as
// `self`; what it does is Jinja's definition of the filter of that name.
#pragma once

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja::filters {

using FilterFunction = Value(Runtime&, const Value& self, Arguments& arguments);

// filters_text.cpp
FilterFunction upper, lower, title, capitalizeFilter, trim, replace, indent, center, truncate,
    wordCount, urlEncode, escape, forceEscape, safe, string, format, stripTags, tojson;
// filters_layout.cpp
FilterFunction wordWrap, prettyPrint, xmlAttributes;
// filters_number.cpp
FilterFunction toInteger, toFloat, absolute, roundNumber, sum, fileSize;
// filters_sequence.cpp
FilterFunction length, list, first, last, join, reverse, batch, slice, items, dictSort, sort,
    unique, minimum, maximum, groupBy;
// filters_select.cpp
FilterFunction defaultValue, attribute, map, select, reject, selectAttribute, rejectAttribute;

// Texts compare without case unless asked otherwise, as sort, unique, min and max do.
Value foldCase(Runtime& runtime, const Value& value, bool isCaseSensitive);

}  // namespace sotto::jinja::filters
