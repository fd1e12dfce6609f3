#include "app/ui/Chat/typed_code.h"

#include "app/ui/Chat/text_style.h"

namespace sotto::app {
namespace {

qsizetype runAt(QStringView text, qsizetype at) {
    const QChar first = text[at];
    qsizetype end = at;
    while (end < text.size() && text[end] == first) ++end;
    return end - at;
}

// True when the line opens or closes a fence.
bool passLine(QStringView line, QString& fence) {
    qsizetype at = 0;
    while (at < line.size() && at < 4 && line[at] == u' ') ++at;
    if (at == 4 || at == line.size() || (line[at] != u'`' && line[at] != u'~')) return false;
    const qsizetype length = runAt(line, at);
    if (length < 3) return false;
    const QStringView rest = line.mid(at + length);
    if (fence.isEmpty()) {
        // Backticks behind it would make it a code span.
        if (line[at] == u'`' && rest.contains(u'`')) return false;
        fence = QString(length, line[at]);
        return true;
    }
    if (line[at] != fence[0] || length < fence.size() || !rest.trimmed().isEmpty()) return false;
    fence.clear();
    return true;
}

template <typename Visit>
void forEachLine(QStringView text, Visit visit) {
    for (qsizetype start = 0; start <= text.size();) {
        qsizetype end = text.indexOf(u'\n', start);
        if (end < 0) end = text.size();
        visit(start, text.mid(start, end - start));
        start = end + 1;
    }
}

void addSpans(qsizetype start, QStringView line, InlineText& shown) {
    for (qsizetype at = line.indexOf(u'`'); at >= 0 && at < line.size();
         at = line.indexOf(u'`', at)) {
        const qsizetype length = runAt(line, at);
        qsizetype end = line.indexOf(u'`', at + length);
        while (end >= 0 && runAt(line, end) != length)
            end = line.indexOf(u'`', end + runAt(line, end));
        if (end >= 0)
            shown.spans.push_back(
                {static_cast<int>(start + at), static_cast<int>(end + length - at), PlainCode, {}});
        at = end >= 0 ? end + length : at + length;
    }
}

}  // namespace

void passFences(QStringView lines, QString& fence) {
    if (fence.isEmpty() && !lines.contains(u"```") && !lines.contains(u"~~~")) return;
    forEachLine(lines, [&](qsizetype, QStringView line) { passLine(line, fence); });
}

InlineText typedCode(const QString& lines, QString fence) {
    InlineText shown{lines, {}};
    if (fence.isEmpty() && !lines.contains(u'`') && !lines.contains(u"~~~")) return shown;
    qsizetype codeStart = fence.isEmpty() ? -1 : 0;
    const auto addCode = [&](qsizetype end) {
        if (end > codeStart)
            shown.spans.push_back(
                {static_cast<int>(codeStart), static_cast<int>(end - codeStart), PlainCode, {}});
    };
    forEachLine(lines, [&](qsizetype start, QStringView line) {
        const bool wasOpen = !fence.isEmpty();
        if (!passLine(line, fence)) {
            if (!wasOpen) addSpans(start, line, shown);
        } else if (wasOpen) {
            addCode(start + line.size());
            codeStart = -1;
        } else {
            codeStart = start;
        }
    });
    if (codeStart >= 0) addCode(lines.size());
    return shown;
}

}  // namespace sotto::app
