#include "engine/token/jinja/context_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/token/jinja/limits.h"

namespace sotto::jinja {

namespace {

using Json = nlohmann::ordered_json;

// Templates put the role between the parts of a marker ("<|" + role + "|>"). These words only
// choose among the turns that the template has; any other role is text of the caller's.
constexpr std::array<std::string_view, 9> kKnownRoles{"system",      "developer", "user",
                                                      "assistant",   "tool",      "function",
                                                      "observation", "ipython",   "model"};

bool isKnownRole(const std::string& key, const Json& value) {
    if (key != "role" || !value.is_string()) return false;
    const auto& role = value.get_ref<const std::string&>();
    return std::find(kKnownRoles.begin(), kKnownRoles.end(), role) != kKnownRoles.end();
}

Value toNumberOrFlag(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean: return Value::of(json.get<bool>());
        case Json::value_t::number_integer: return Value::of(json.get<std::int64_t>());
        case Json::value_t::number_unsigned: {
            const auto number = json.get<std::uint64_t>();
            const bool isFitting =
                number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
            return isFitting ? Value::of(static_cast<std::int64_t>(number))
                             : Value::of(static_cast<double>(number));
        }
        case Json::value_t::number_float: return Value::of(json.get<double>());
        default: return Value::none();
    }
}

Value toValue(Interpreter& interpreter, const Json& json, Origin origin, int depth) {
    if (depth > kMaxValueDepth) raise("the chat's JSON is nested too deeply");
    switch (json.type()) {
        case Json::value_t::string:
            return interpreter.makeString(OriginText(json.get_ref<const std::string&>(), origin));
        case Json::value_t::array: {
            Values items;
            items.reserve(json.size());
            for (const Json& item : json) {
                items.push_back(toValue(interpreter, item, origin, depth + 1));
            }
            return interpreter.makeList(std::move(items));
        }
        case Json::value_t::object: {
            auto dict = Runtime::startDict();
            for (const auto& [key, value] : json.items()) {
                const Origin valueOrigin = isKnownRole(key, value) ? Origin::Template : origin;
                dict->set(interpreter.makeString(OriginText(key, origin)),
                          toValue(interpreter, value, valueOrigin, depth + 1), interpreter.meter());
            }
            return interpreter.finishDict(std::move(dict));
        }
        default: return toNumberOrFlag(json).from(origin);
    }
}

}  // namespace

Status setVariables(Interpreter& interpreter, std::string_view text) {
    Json json;
    try {
        json = Json::parse(text);
    } catch (const Json::exception& error) {
        return fail(ErrorCode::InvalidArgument,
                    std::string("The chat's variables are not valid JSON: ") + error.what());
    }
    if (!json.is_object()) {
        return fail(ErrorCode::InvalidArgument, "The chat's variables must be a JSON object.");
    }
    for (const auto& [name, value] : json.items()) {
        // bos_token, eos_token, …: markers that the template writes as its own.
        const Origin origin = name.ends_with("_token") ? Origin::Template : Origin::Caller;
        interpreter.setVariable(name, toValue(interpreter, value, origin, 1));
    }
    return {};
}

}  // namespace sotto::jinja
