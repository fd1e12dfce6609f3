// The names of filters and tests, looked up once by the parser. nullptr when unknown: using such a
// filter fails when it is reached, as in Jinja where an unused branch does no harm.
#pragma once

#include <string_view>

namespace sotto::jinja {

struct FilterEntry;
struct TestEntry;

const FilterEntry* findFilter(std::string_view name);
const TestEntry* findTest(std::string_view name);

}  // namespace sotto::jinja
