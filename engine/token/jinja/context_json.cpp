#include "engine/token/jinja/context_json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "engine/token/jinja/limits.h"

namespace sotto::jinja {

namespace {

using Json = nlohmann::ordered_json;

Value toValue(Interpreter& interpreter, const Json& json, int depth) {
    if (depth > kMaxValueDepth) raise("the chat's JSON is nested too deeply");
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
        case Json::value_t::string:
            return interpreter.makeString(json.get_ref<const std::string&>());
        case Json::value_t::array: {
            Values items;
            items.reserve(json.size());
            for (const Json& item : json) items.push_back(toValue(interpreter, item, depth + 1));
            return interpreter.makeList(std::move(items));
        }
        case Json::value_t::object: {
            auto dict = Runtime::startDict();
            for (const auto& [key, value] : json.items()) {
                dict->set(interpreter.makeString(key), toValue(interpreter, value, depth + 1),
                          interpreter.meter());
            }
            return interpreter.finishDict(std::move(dict));
        }
        default: return Value::none();
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
        interpreter.setVariable(name, toValue(interpreter, value, 1));
    }
    return {};
}

}  // namespace sotto::jinja
