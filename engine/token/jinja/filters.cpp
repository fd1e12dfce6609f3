#include "engine/token/jinja/filters.h"

#include <algorithm>
#include <array>

#include "engine/token/jinja/builtins.h"

namespace sotto::jinja {

namespace {

// Not there: random (a prompt must be repeatable), urlize (makes links for a page).
constexpr std::array<FilterEntry, 52> kFilters{{{"abs", filters::absolute},
                                                {"attr", filters::attribute},
                                                {"batch", filters::batch},
                                                {"capitalize", filters::capitalizeFilter},
                                                {"center", filters::center},
                                                {"count", filters::length},
                                                {"d", filters::defaultValue},
                                                {"default", filters::defaultValue},
                                                {"dictsort", filters::dictSort},
                                                {"e", filters::escape},
                                                {"escape", filters::escape},
                                                {"filesizeformat", filters::fileSize},
                                                {"first", filters::first},
                                                {"float", filters::toFloat},
                                                {"forceescape", filters::forceEscape},
                                                {"format", filters::format},
                                                {"groupby", filters::groupBy},
                                                {"indent", filters::indent},
                                                {"int", filters::toInteger},
                                                {"items", filters::items},
                                                {"join", filters::join},
                                                {"last", filters::last},
                                                {"length", filters::length},
                                                {"list", filters::list},
                                                {"lower", filters::lower},
                                                {"map", filters::map},
                                                {"max", filters::maximum},
                                                {"min", filters::minimum},
                                                {"pprint", filters::prettyPrint},
                                                {"reject", filters::reject},
                                                {"rejectattr", filters::rejectAttribute},
                                                {"replace", filters::replace},
                                                {"reverse", filters::reverse},
                                                {"round", filters::roundNumber},
                                                {"safe", filters::safe},
                                                {"select", filters::select},
                                                {"selectattr", filters::selectAttribute},
                                                {"slice", filters::slice},
                                                {"sort", filters::sort},
                                                {"string", filters::string},
                                                {"striptags", filters::stripTags},
                                                {"sum", filters::sum},
                                                {"title", filters::title},
                                                {"tojson", filters::tojson},
                                                {"trim", filters::trim},
                                                {"truncate", filters::truncate},
                                                {"unique", filters::unique},
                                                {"upper", filters::upper},
                                                {"urlencode", filters::urlEncode},
                                                {"wordcount", filters::wordCount},
                                                {"wordwrap", filters::wordWrap},
                                                {"xmlattr", filters::xmlAttributes}}};

}  // namespace

const FilterEntry* findFilter(std::string_view name) {
    const auto found = std::find_if(kFilters.begin(), kFilters.end(),
                                    [name](const auto& entry) { return entry.name == name; });
    return found == kFilters.end() ? nullptr : &*found;
}

const FilterEntry& requireFilter(const Value& name) {
    const FilterEntry* entry = name.is(Kind::String) ? findFilter(name.text()) : nullptr;
    if (entry == nullptr) raise("there is no such filter");
    return *entry;
}

}  // namespace sotto::jinja
