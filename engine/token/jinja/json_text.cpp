// The tojson filter as chat templates know it: Python's json.dumps without HTML escaping.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

void appendUnicodeEscape(OriginText& out, char32_t unit, Origin origin) {
    char buffer[12];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(unit));
    out.append(buffer, origin);
}

class JsonWriter {
public:
    JsonWriter(Runtime& runtime, const JsonStyle& style) : m_runtime(runtime), m_style(style) {}

    OriginText run(const Value& value) {
        write(value);
        return std::move(m_out);
    }

private:
    void write(const Value& value) {
        m_runtime.meter().spend(1);
        checkTextSize(m_out.size());
        switch (value.kind()) {
            case Kind::None: m_out.append("null", value.origin()); return;
            case Kind::Bool:
                m_out.append(value.boolean() ? "true" : "false", value.origin());
                return;
            case Kind::Int: m_out.append(std::to_string(value.integer()), value.origin()); return;
            case Kind::BigInt: m_out.append(toText(m_runtime, value)); return;
            case Kind::Float: m_out.append(floatText(value.real()), value.origin()); return;
            case Kind::String: writeString(value.originText()); return;
            case Kind::Sequence:
                if (value.as<SequenceObject>().type > SequenceKind::Tuple) break;
                writeList(value.as<SequenceObject>().items);
                return;
            case Kind::Dict: writeDict(value.as<DictObject>()); return;
            default: break;
        }
        raise("Object of type " + typeName(value) + " is not JSON serializable");
    }

    static std::string floatText(double number) {
        if (!std::isfinite(number)) {
            return std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
        }
        std::string digits;
        appendFloat(digits, number);
        return digits;
    }

    void writeString(const OriginText& whole) {
        const std::string_view text = whole.bytes();
        m_runtime.meter().spendBytes(text.size());
        m_out.append("\"");
        for (std::size_t offset = 0; offset < text.size();) {
            const std::size_t start = offset;
            const Origin origin = whole.originAt(start);
            const char32_t character = nextCodePoint(text, offset);
            static constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
            static constexpr std::string_view kLetters = "\"\\nrtfb";
            const auto special = character < 0x80 ? kShort.find(static_cast<char>(character))
                                                  : std::string_view::npos;
            if (special != std::string_view::npos) {
                m_out.append("\\", origin);
                m_out.append(kLetters.substr(special, 1), origin);
            } else if (character < 0x20 || (m_style.isAscii && character == 0x7f)) {
                appendUnicodeEscape(m_out, character, origin);
            } else if (character < 0x80 || !m_style.isAscii) {
                m_out.append(text.substr(start, offset - start), origin);
            } else if (character < 0x10000) {
                appendUnicodeEscape(m_out, character, origin);
            } else {
                appendUnicodeEscape(m_out, 0xd800 + ((character - 0x10000) >> 10), origin);
                appendUnicodeEscape(m_out, 0xdc00 + ((character - 0x10000) & 0x3ff), origin);
            }
        }
        m_out.append("\"");
    }

    void newLine() {
        if (!m_style.hasIndent) return;
        m_out.append("\n");
        for (int level = 0; level < m_level; ++level) m_out.append(m_style.indent);
    }

    void writeList(const Values& items) {
        if (items.empty()) {
            m_out.append("[]");
            return;
        }
        m_out.append("[");
        ++m_level;
        for (std::size_t index = 0; index < items.size(); ++index) {
            if (index > 0) m_out.append(m_style.itemSeparator);
            newLine();
            write(items[index]);
        }
        --m_level;
        newLine();
        m_out.append("]");
    }

    OriginText keyText(const Value& key) {
        switch (key.kind()) {
            case Kind::String: return key.originText();
            case Kind::Bool: return OriginText(key.boolean() ? "true" : "false", key.origin());
            case Kind::None: return OriginText("null", key.origin());
            case Kind::Int:
            case Kind::BigInt:
            case Kind::Float: return toText(m_runtime, key);
            default: raise("keys must be str, int, float, bool or None, not " + typeName(key));
        }
    }

    void writeDict(const DictObject& dict) {
        if (dict.entries.empty()) {
            m_out.append("{}");
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
        m_out.append("{");
        ++m_level;
        for (std::size_t index = 0; index < order.size(); ++index) {
            if (index > 0) m_out.append(m_style.itemSeparator);
            newLine();
            writeString(keyText(order[index]->first));
            m_out.append(m_style.keySeparator);
            write(order[index]->second);
        }
        --m_level;
        newLine();
        m_out.append("}");
    }

    Runtime& m_runtime;
    const JsonStyle& m_style;
    OriginText m_out;
    int m_level = 0;
};

}  // namespace

OriginText toJson(Runtime& runtime, const Value& value, const JsonStyle& style) {
    return JsonWriter(runtime, style).run(value);
}

}  // namespace sotto::jinja
