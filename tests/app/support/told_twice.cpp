#include "tests/app/support/told_twice.h"

#include <QQuickItem>
#include <QRegularExpression>

namespace sotto::app {
namespace {

constexpr int kFewestWords = 4;
constexpr int kFewestCharacters = 8;  // of what is written without blanks

bool isText(const QQuickItem& item) {
    return item.inherits("QQuickText") ||
           (item.inherits("QQuickTextEdit") && item.property("readOnly").toBool());
}

void collect(QQuickItem& item, const QQuickItem& root, QStringList& texts) {
    if (!item.isVisible() || item.opacity() < 0.01) return;
    if (isText(item) &&
        root.boundingRect().intersects(item.mapRectToItem(&root, item.boundingRect())))
        texts.append(item.property("text").toString());
    const QList<QQuickItem*> children = item.childItems();
    for (QQuickItem* child : children) collect(*child, root, texts);
}

QStringList clausesOf(const QString& text) {
    static const QRegularExpression kEnd(QStringLiteral("[.:;!?](?=\\s|$)|[。：；！？]|\\n"));
    QStringList clauses;
    const QStringList all = text.split(kEnd, Qt::SkipEmptyParts);
    for (const QString& clause : all) {
        const QString words = clause.simplified();
        const bool isChinese = words.contains(QRegularExpression(QStringLiteral("\\p{Han}")));
        const auto length = isChinese ? words.size() : words.count(u' ') + 1;
        if (length >= (isChinese ? kFewestCharacters : kFewestWords)) clauses.append(words);
    }
    return clauses;
}

}  // namespace

QStringList toldTwice(QQuickItem& root) {
    QStringList texts;
    collect(root, root, texts);
    QStringList clauses;
    for (const QString& text : std::as_const(texts)) clauses += clausesOf(text);
    QStringList twice;
    for (qsizetype index = 0; index < clauses.size(); ++index)
        if (clauses.indexOf(clauses[index]) < index && !twice.contains(clauses[index]))
            twice.append(clauses[index]);
    return twice;
}

}  // namespace sotto::app
