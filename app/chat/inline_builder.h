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

namespace sotto::app {

class InlineBuilder {
public:
    void enterSpan(MD_SPANTYPE type, const void* detail);
    void leaveSpan(MD_SPANTYPE type);
    void text(MD_TEXTTYPE type, const QString& value);

    bool isEmpty() const { return m_content.isEmpty(); }
    // What was gathered; begins anew.
    InlineText take();

private:
    quint16 styles() const;
    void add(const QString& text);
    void addTag(const QString& tag);
    void beginLink(const MD_ATTRIBUTE& target);

    InlineText m_content;
    std::vector<quint16> m_spans;  // styles of md4c's open spans, 0: shown as plain text
    std::vector<quint16> m_tags;   // styles of the open HTML tags
    QString m_target;              // of the open link
    QString m_formula;             // source of the open formula
    bool m_isFormula = false;
};

// The text of an attribute, its entities decoded.
QString attributeText(const MD_ATTRIBUTE& attribute);

}  // namespace sotto::app
