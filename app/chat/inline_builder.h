// InlineBuilder: md4c's spans and texts of one paragraph, heading or table cell become an
// InlineText.
//
// A few inline HTML tags count (b strong i em s del strike code kbd sub sup br); one that is not
// closed ends with its paragraph, every other tag is shown as it was written. Entities become their
// characters. Any thread, one builder in one thread.
#pragma once

#include <md4c.h>

#include <QString>
#include <vector>

#include "app/chat/inline_text.h"
#include "app/chat/markdown_source.h"

namespace sotto::app {

class InlineBuilder {
public:
    // What md4c was given, which knows the formulas; has to live as long.
    explicit InlineBuilder(const MarkdownSource& source) : m_source(source) {}

    // In a table's cells \| is a bar, within code and formulas too.
    void setInCell(bool isInCell) { m_isInCell = isInCell; }

    void enterSpan(MD_SPANTYPE type, const void* detail);
    void leaveSpan(MD_SPANTYPE type);
    void text(MD_TEXTTYPE type, const QString& value);

    bool isEmpty() const { return m_content.isEmpty(); }
    // What was gathered; begins anew.
    InlineText take();

private:
    quint16 styles() const;
    void add(const QString& text);
    void addWritten(const QString& text);
    void addTag(const QString& tag);
    void beginLink(const MD_ATTRIBUTE& target);

    const MarkdownSource& m_source;
    InlineText m_content;
    std::vector<quint16> m_spans;  // styles of md4c's open spans, 0: shown as plain text
    std::vector<quint16> m_tags;   // styles of the open HTML tags
    QString m_target;              // of the open link
    bool m_isInCell = false;
};

// The text of an attribute as it was written, its entities decoded.
QString attributeText(const MD_ATTRIBUTE& attribute, const MarkdownSource& source);

}  // namespace sotto::app
