#include "app/chat/inline_builder.h"

#include <QStringView>
#include <algorithm>
#include <array>
#include <utility>

#include "app/chat/html_entities.h"

namespace sotto::app {
namespace {

struct InlineTag {
    const char* name;
    quint16 style;
};
constexpr std::array<InlineTag, 11> kTags{{{"b", Bold},
                                           {"strong", Bold},
                                           {"i", Italic},
                                           {"em", Italic},
                                           {"s", Strike},
                                           {"del", Strike},
                                           {"strike", Strike},
                                           {"code", Code},
                                           {"kbd", Code},
                                           {"sub", Subscript},
                                           {"sup", Superscript}}};

// 0: no tag that counts.
quint16 styleOfTag(QStringView name) {
    for (const InlineTag& tag : kTags)
        if (name.compare(QLatin1String(tag.name), Qt::CaseInsensitive) == 0) return tag.style;
    return 0;
}

quint16 styleOfSpan(MD_SPANTYPE type) {
    switch (type) {
        case MD_SPAN_EM: return Italic;
        case MD_SPAN_STRONG: return Bold;
        case MD_SPAN_DEL: return Strike;
        case MD_SPAN_CODE: return Code;
        default: return 0;
    }
}

bool isSafeTarget(const QString& target) {
    return target.startsWith(QLatin1String("http://"), Qt::CaseInsensitive) ||
           target.startsWith(QLatin1String("https://"), Qt::CaseInsensitive) ||
           target.startsWith(QLatin1String("mailto:"), Qt::CaseInsensitive);
}

}  // namespace

QString attributeText(const MD_ATTRIBUTE& attribute, const MarkdownSource& source) {
    QString text;
    for (int part = 0; attribute.size > 0 && attribute.substr_offsets[part] < attribute.size;
         ++part) {
        const MD_OFFSET begin = attribute.substr_offsets[part];
        const MD_OFFSET end = attribute.substr_offsets[part + 1];
        const QString value =
            QString::fromUtf8(attribute.text + begin, static_cast<qsizetype>(end - begin));
        switch (attribute.substr_types[part]) {
            case MD_TEXT_ENTITY: text += decodeEntity(value); break;
            case MD_TEXT_NULLCHAR: text += QChar(QChar::ReplacementCharacter); break;
            default: text += value; break;
        }
    }
    return source.restored(text);
}

quint16 InlineBuilder::styles() const {
    quint16 styles = m_target.isEmpty() ? 0 : Link;
    for (const quint16 style : m_spans) styles |= style;
    for (const quint16 style : m_tags) styles |= style;
    return styles;
}

void InlineBuilder::add(const QString& text) { m_content.append(text, styles(), m_target); }

// Text that came through md4c.
void InlineBuilder::addWritten(const QString& text) {
    const bool isCode = !m_spans.empty() && m_spans.back() == Code;
    const auto unescaped = [this](QString part) {
        return m_isInCell ? part.replace(QLatin1String("\\|"), QLatin1String("|")) : part;
    };
    if (isCode) {
        add(unescaped(m_source.restored(text)));
        return;
    }
    qsizetype at = 0;
    while (const auto piece = m_source.next(text, at)) {
        if (piece->formula == nullptr) {
            add(piece->text);
            continue;
        }
        const quint16 kind = piece->formula->isDisplay ? Formula | DisplayFormula : Formula;
        m_content.append(QChar(QChar::ObjectReplacementCharacter),
                         static_cast<quint16>((styles() & ~Link) | kind),
                         unescaped(piece->formula->tex));
    }
}

void InlineBuilder::enterSpan(MD_SPANTYPE type, const void* detail) {
    if (type == MD_SPAN_A) beginLink(static_cast<const MD_SPAN_A_DETAIL*>(detail)->href);
    m_spans.push_back(styleOfSpan(type));
}

void InlineBuilder::leaveSpan(MD_SPANTYPE type) {
    if (type == MD_SPAN_A) m_target.clear();
    if (!m_spans.empty()) m_spans.pop_back();
}

void InlineBuilder::text(MD_TEXTTYPE type, const QString& value) {
    switch (type) {
        case MD_TEXT_BR:
        // Models write one line under the other and mean it.
        case MD_TEXT_SOFTBR: add(QChar(QChar::LineSeparator)); break;
        case MD_TEXT_ENTITY: add(decodeEntity(value)); break;
        case MD_TEXT_NULLCHAR: add(QChar(QChar::ReplacementCharacter)); break;
        case MD_TEXT_HTML: addTag(m_source.restored(value)); break;
        default: addWritten(value); break;
    }
}

void InlineBuilder::addTag(const QString& tag) {
    QStringView name(tag);
    if (name.size() < 3 || name.front() != u'<' || name.back() != u'>') {
        add(QString(tag).replace(QLatin1Char('\n'), QChar(QChar::LineSeparator)));
        return;
    }
    name = name.mid(1).chopped(1);
    const bool isEnd = name.startsWith(u'/');
    if (isEnd) name = name.mid(1);
    if (name.endsWith(u'/')) name = name.chopped(1);
    name = name.trimmed();
    if (name.compare(QLatin1String("br"), Qt::CaseInsensitive) == 0) {
        add(QChar(QChar::LineSeparator));
        return;
    }
    const quint16 style = styleOfTag(name);
    const auto open = std::find(m_tags.rbegin(), m_tags.rend(), style);
    if (style != 0 && !isEnd)
        m_tags.push_back(style);
    else if (style != 0 && open != m_tags.rend())
        m_tags.erase(std::next(open).base());
    else
        add(tag);
}

void InlineBuilder::beginLink(const MD_ATTRIBUTE& target) {
    const QString text = attributeText(target, m_source);
    if (isSafeTarget(text)) m_target = text;
}

InlineText InlineBuilder::take() {
    m_tags.clear();
    return std::exchange(m_content, {});
}

}  // namespace sotto::app
