// str() and repr() as Python writes them, byte for byte.
#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

// The shortest digits that read back as the same number; plain from 1e-4 up to 1e16, else with an
// exponent of at least two digits.
void appendFloat(std::string& text, double number) {
    if (std::isnan(number)) {
        text += "nan";
        return;
    }
    if (std::isinf(number)) {
        text += number < 0 ? "-inf" : "inf";
        return;
    }
    char buffer[40];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
    std::string_view scientific(buffer, static_cast<std::size_t>(end - buffer));
    if (scientific.front() == '-') {
        text += '-';
        scientific.remove_prefix(1);
    }
    const std::size_t marker = scientific.find('e');
    int exponent = 0;
    const char* exponentStart = scientific.data() + marker + 1;
    if (*exponentStart == '+') ++exponentStart;
    std::from_chars(exponentStart, scientific.data() + scientific.size(), exponent);
    std::string digits(1, scientific[0]);
    if (marker > 2) digits += scientific.substr(2, marker - 2);
    const int nDigits = static_cast<int>(digits.size());
    if (exponent >= 16 || exponent < -4) {
        text += digits.substr(0, 1);
        if (nDigits > 1) text += "." + digits.substr(1);
        const int magnitude = exponent < 0 ? -exponent : exponent;
        text += exponent < 0 ? "e-" : "e+";
        if (magnitude < 10) text += '0';
        text += std::to_string(magnitude);
    } else if (exponent < 0) {
        text += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    } else {
        const auto nWhole = static_cast<std::size_t>(exponent) + 1;
        if (digits.size() < nWhole) digits.append(nWhole - digits.size(), '0');
        text += digits.substr(0, nWhole) + ".";
        text += digits.size() > nWhole ? digits.substr(nWhole) : "0";
    }
}

std::string unicodeEscape(char32_t character) {
    char buffer[12];
    const char* form = character < 0x100 ? "\\x%02x" : character < 0x10000 ? "\\u%04x" : "\\U%08x";
    std::snprintf(buffer, sizeof buffer, form, static_cast<unsigned>(character));
    return buffer;
}

OriginText escapeHtml(const OriginText& text) {
    OriginText result;
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        const Origin origin = text.originAt(offset);
        switch (text.bytes()[offset]) {
            case '&': result.append("&amp;", origin); break;
            case '<': result.append("&lt;", origin); break;
            case '>': result.append("&gt;", origin); break;
            case '\'': result.append("&#39;", origin); break;
            case '"': result.append("&#34;", origin); break;
            default: result.append({&text.bytes()[offset], 1}, origin);
        }
    }
    return result;
}

namespace {

void appendStringRepr(OriginText& out, const OriginText& whole) {
    const std::string_view text = whole.bytes();
    const bool hasSingle = text.find('\'') != std::string_view::npos;
    const bool hasDouble = text.find('"') != std::string_view::npos;
    const char quote = hasSingle && !hasDouble ? '"' : '\'';
    out.append({&quote, 1});
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const Origin origin = whole.originAt(start);
        const char32_t character = nextCodePoint(text, offset);
        if (character == static_cast<unsigned char>(quote) || character == '\\') {
            out.append("\\", origin);
            out.append(text.substr(start, 1), origin);
        } else if (character == '\n') {
            out.append("\\n", origin);
        } else if (character == '\r') {
            out.append("\\r", origin);
        } else if (character == '\t') {
            out.append("\\t", origin);
        } else if (isPrintable(character)) {
            out.append(text.substr(start, offset - start), origin);
        } else {
            out.append(unicodeEscape(character), origin);
        }
    }
    out.append({&quote, 1});
}

class Writer {
public:
    Writer(Runtime& runtime, OriginText& out) : m_runtime(runtime), m_out(out) {}

    void write(const Value& value) {
        m_runtime.meter().spend(1);
        checkTextSize(m_out.size());
        if (++m_depth > 2 * kMaxValueDepth) raise("values are nested too deeply");
        writeByKind(value);
        --m_depth;
    }

private:
    void writeByKind(const Value& value) {
        switch (value.kind()) {
            case Kind::Undefined: m_out.append("Undefined"); break;
            case Kind::None: m_out.append("None", value.origin()); break;
            case Kind::Bool:
                m_out.append(value.boolean() ? "True" : "False", value.origin());
                break;
            case Kind::Int: m_out.append(std::to_string(value.integer()), value.origin()); break;
            case Kind::BigInt:
                m_runtime.meter().spend(kBigIntegerSteps);
                m_out.append(value.toBigInteger().toText(), value.origin());
                break;
            case Kind::Float: {
                std::string digits;
                appendFloat(digits, value.real());
                m_out.append(digits, value.origin());
                break;
            }
            case Kind::String:
                m_runtime.meter().spendBytes(value.text().size() * 4);
                if (value.isMarkup()) m_out.append("Markup(");
                appendStringRepr(m_out, value.originText());
                if (value.isMarkup()) m_out.append(")");
                break;
            case Kind::Sequence: writeSequence(value.as<SequenceObject>()); break;
            case Kind::Dict: writeDict(value.as<DictObject>()); break;
            case Kind::Namespace: writeNamespace(value.as<NamespaceObject>()); break;
            case Kind::Callable:
                m_out.append(value.as<CallableObject>().macro != nullptr ? "<Macro '"
                                                                         : "<function '");
                m_out.append(value.as<CallableObject>().name + "'>");
                break;
            case Kind::Cycler:
            case Kind::Joiner: m_out.append("<" + typeName(value) + " object>"); break;
            case Kind::Loop: {
                const auto& loop = value.as<LoopObject>();
                m_out.append("<LoopContext " + std::to_string(loop.index0 + 1) + "/" +
                             std::to_string(loop.items.size()) + ">");
            }
        }
    }

    void writeItems(const Values& items) {
        bool isFirst = true;
        for (const Value& item : items) {
            if (!isFirst) m_out.append(", ");
            isFirst = false;
            write(item);
        }
    }

    void writeSequence(const SequenceObject& sequence) {
        switch (sequence.type) {
            case SequenceKind::Range:
                m_out.append("range(" + std::to_string(sequence.start) + ", " +
                             std::to_string(sequence.stop));
                if (sequence.step != 1) m_out.append(", " + std::to_string(sequence.step));
                m_out.append(")");
                return;
            case SequenceKind::Generator: m_out.append("<generator object>"); return;
            case SequenceKind::Tuple:
                m_out.append("(");
                writeItems(sequence.items);
                m_out.append(sequence.items.size() == 1 ? ",)" : ")");
                return;
            case SequenceKind::DictKeys: m_out.append("dict_keys(["); break;
            case SequenceKind::DictValues: m_out.append("dict_values(["); break;
            case SequenceKind::DictItems: m_out.append("dict_items(["); break;
            case SequenceKind::List: m_out.append("["); break;
        }
        writeItems(sequence.items);
        m_out.append(sequence.type == SequenceKind::List ? "]" : "])");
    }

    void writeDict(const DictObject& dict) {
        m_out.append("{");
        bool isFirst = true;
        for (const auto& [key, value] : dict.entries) {
            if (!isFirst) m_out.append(", ");
            isFirst = false;
            write(key);
            m_out.append(": ");
            write(value);
        }
        m_out.append("}");
    }

    void writeNamespace(const NamespaceObject& object) {
        m_out.append("<Namespace {");
        bool isFirst = true;
        for (const auto& [key, value] : object.attributes) {
            if (!isFirst) m_out.append(", ");
            isFirst = false;
            appendStringRepr(m_out, key);
            m_out.append(": ");
            write(value);
        }
        m_out.append("}>");
    }

    Runtime& m_runtime;
    OriginText& m_out;
    int m_depth = 0;
};

}  // namespace

OriginText toRepr(Runtime& runtime, const Value& value) {
    OriginText out;
    Writer(runtime, out).write(value);
    return out;
}

OriginText toText(Runtime& runtime, const Value& value) {
    if (value.is(Kind::Undefined)) return {};
    if (value.is(Kind::String)) {
        runtime.meter().spendBytes(value.text().size());
        return value.originText();
    }
    return toRepr(runtime, value);
}

}  // namespace sotto::jinja
