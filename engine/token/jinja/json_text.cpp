// The tojson filter as chat templates know it: Python's json.dumps without HTML escaping.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

void appendUnicodeEscape(std::string& out, char32_t unit) {
    char buffer[12];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(unit));
    out += buffer;
}

class JsonWriter {
public:
    JsonWriter(Runtime& runtime, const JsonStyle& style) : m_runtime(runtime), m_style(style) {}

    std::string run(const Value& value) {
        write(value);
        return std::move(m_out);
    }

private:
    void write(const Value& value) {
        m_runtime.meter().spend(1);
        if (m_out.size() > kMaxStringBytes) raise("the template makes a text that is too long");
        switch (value.kind()) {
            case Kind::None: m_out += "null"; return;
            case Kind::Bool: m_out += value.boolean() ? "true" : "false"; return;
            case Kind::Int: m_out += std::to_string(value.integer()); return;
            case Kind::Float: writeFloat(value.real()); return;
            case Kind::String: writeString(value.text()); return;
            case Kind::Sequence:
                if (value.as<SequenceObject>().type > SequenceKind::Tuple) break;
                writeList(value.as<SequenceObject>().items);
                return;
            case Kind::Dict: writeDict(value.as<DictObject>()); return;
            default: break;
        }
        raise("Object of type " + typeName(value) + " is not JSON serializable");
    }

    void writeFloat(double number) {
        if (std::isfinite(number)) {
            appendFloat(m_out, number);
        } else {
            m_out += std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
        }
    }

    void writeString(std::string_view text) {
        m_runtime.meter().spendBytes(text.size());
        m_out += '"';
        for (std::size_t offset = 0; offset < text.size();) {
            const std::size_t start = offset;
            const char32_t character = nextCodePoint(text, offset);
            static constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
            static constexpr std::string_view kLetters = "\"\\nrtfb";
            const auto special = character < 0x80 ? kShort.find(static_cast<char>(character))
                                                  : std::string_view::npos;
            if (special != std::string_view::npos) {
                m_out += '\\';
                m_out += kLetters[special];
            } else if (character < 0x20 || (m_style.isAscii && character == 0x7f)) {
                appendUnicodeEscape(m_out, character);
            } else if (character < 0x80 || !m_style.isAscii) {
                m_out += text.substr(start, offset - start);
            } else if (character < 0x10000) {
                appendUnicodeEscape(m_out, character);
            } else {
                appendUnicodeEscape(m_out, 0xd800 + ((character - 0x10000) >> 10));
                appendUnicodeEscape(m_out, 0xdc00 + ((character - 0x10000) & 0x3ff));
            }
        }
        m_out += '"';
    }

    void newLine() {
        if (!m_style.hasIndent) return;
        m_out += '\n';
        for (int level = 0; level < m_level; ++level) m_out += m_style.indent;
    }

    void writeList(const Values& items) {
        if (items.empty()) {
            m_out += "[]";
            return;
        }
        m_out += '[';
        ++m_level;
        for (std::size_t index = 0; index < items.size(); ++index) {
            if (index > 0) m_out += m_style.itemSeparator;
            newLine();
            write(items[index]);
        }
        --m_level;
        newLine();
        m_out += ']';
    }

    std::string keyText(const Value& key) {
        switch (key.kind()) {
            case Kind::String: return std::string(key.text());
            case Kind::Bool: return key.boolean() ? "true" : "false";
            case Kind::None: return "null";
            case Kind::Int:
            case Kind::Float: return toText(m_runtime, key);
            default: raise("keys must be str, int, float, bool or None, not " + typeName(key));
        }
    }

    void writeDict(const DictObject& dict) {
        if (dict.entries.empty()) {
            m_out += "{}";
            return;
        }
        std::vector<const std::pair<Value, Value>*> order;
        for (const auto& entry : dict.entries) order.push_back(&entry);
        if (m_style.isSortingKeys) {
            std::stable_sort(order.begin(), order.end(),
                             [this](const auto* left, const auto* right) {
                                 return isLess(m_runtime, left->first, right->first);
                             });
        }
        m_out += '{';
        ++m_level;
        for (std::size_t index = 0; index < order.size(); ++index) {
            if (index > 0) m_out += m_style.itemSeparator;
            newLine();
            writeString(keyText(order[index]->first));
            m_out += m_style.keySeparator;
            write(order[index]->second);
        }
        --m_level;
        newLine();
        m_out += '}';
    }

    Runtime& m_runtime;
    const JsonStyle& m_style;
    std::string m_out;
    int m_level = 0;
};

}  // namespace

std::string toJson(Runtime& runtime, const Value& value, const JsonStyle& style) {
    return JsonWriter(runtime, style).run(value);
}

}  // namespace sotto::jinja
