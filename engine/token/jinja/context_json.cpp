#include "engine/token/jinja/context_json.h"

#include <algorithm>
#include <array>
#include <memory>
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

bool isKnownRole(std::string_view role) {
    return std::find(kKnownRoles.begin(), kKnownRoles.end(), role) != kKnownRoles.end();
}

// Makes values of the JSON as it is read: a tree of the library's would have lost what large
// numbers were written as.
class ValueReader final : public nlohmann::json_sax<Json> {
public:
    explicit ValueReader(Interpreter& interpreter) : m_interpreter(interpreter) {}

    bool null() override { return add(Value::none().from(origin())); }
    bool boolean(bool flag) override { return add(Value::of(flag).from(origin())); }
    bool number_integer(std::int64_t number) override {
        return add(Value::of(number).from(origin()));
    }
    bool number_unsigned(std::uint64_t number) override {
        return addInteger(std::to_string(number));
    }
    bool number_float(double number, const std::string& written) override {
        const bool isWhole = written.find_first_of(".eE") == std::string::npos;
        return isWhole ? addInteger(written) : add(Value::of(number).from(origin()));
    }
    bool string(std::string& text) override {
        const bool isRole = !m_open.empty() && m_open.back().key == "role" && isKnownRole(text);
        return add(m_interpreter.makeString(
            OriginText(std::move(text), isRole ? Origin::Template : origin())));
    }
    bool binary(binary_t&) override { return false; }  // JSON has none

    bool start_object(std::size_t) override { return open(Runtime::startDict()); }
    bool start_array(std::size_t) override { return open(nullptr); }
    bool key(std::string& name) override {
        // bos_token, eos_token, …: markers that the template writes as its own.
        const bool isVariable = m_open.size() == 1;
        if (isVariable) m_origin = name.ends_with("_token") ? Origin::Template : Origin::Caller;
        m_open.back().key = std::move(name);
        return true;
    }
    bool end_object() override {
        Open done = std::move(m_open.back());
        m_open.pop_back();
        // The variables themselves are no value of the template's.
        return m_open.empty() || add(m_interpreter.finishDict(std::move(done.dict)));
    }
    bool end_array() override {
        Open done = std::move(m_open.back());
        m_open.pop_back();
        return add(m_interpreter.makeList(std::move(done.items)));
    }
    bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
        m_fault = std::string("The chat's variables are not valid JSON: ") + error.what();
        return false;
    }
    const std::string& fault() const { return m_fault; }

private:
    struct Open {
        std::shared_ptr<DictObject> dict;  // nullptr: an array
        Values items;
        std::string key;
    };

    Origin origin() const { return m_origin; }

    bool open(std::shared_ptr<DictObject> dict) {
        if (m_open.empty() && dict == nullptr) return refuse();
        if (m_open.size() > static_cast<std::size_t>(kMaxValueDepth)) {
            raise("the chat's JSON is nested too deeply");
        }
        m_open.push_back({std::move(dict), {}, {}});
        return true;
    }

    bool refuse() {
        m_fault = "The chat's variables must be a JSON object.";
        return false;
    }

    bool addInteger(std::string_view digits) {
        const bool isNegative = digits.starts_with('-');
        if (isNegative) digits.remove_prefix(1);
        const bool isShort = digits.size() <= kMaxIntegerBits;
        const auto number = isShort ? BigInteger::parse(digits, 10) : std::nullopt;
        if (!number) raise("a number of the chat's JSON is too large");
        return add(
            m_interpreter.makeInteger(isNegative ? number->negated() : *number).from(origin()));
    }

    bool add(Value value) {
        if (m_open.empty()) return refuse();
        Open& top = m_open.back();
        if (top.dict == nullptr) {
            top.items.push_back(std::move(value));
        } else if (m_open.size() == 1) {
            m_interpreter.setVariable(top.key, std::move(value));
        } else {
            Value key = m_interpreter.makeString(OriginText(top.key, origin()));
            top.dict->set(std::move(key), std::move(value), m_interpreter.meter());
        }
        return true;
    }

    Interpreter& m_interpreter;
    std::vector<Open> m_open;  // objects and arrays around the next value, the outermost first
    Origin m_origin = Origin::Caller;  // of the variable that is being read
    std::string m_fault;
};

}  // namespace

Status setVariables(Interpreter& interpreter, std::string_view text) {
    ValueReader reader(interpreter);
    if (!Json::sax_parse(text, &reader)) return fail(ErrorCode::InvalidArgument, reader.fault());
    return {};
}

}  // namespace sotto::jinja
