// Where the formulas of a Markdown text stand: $ … $, $$ … $$, \( … \), \[ … \].
//
// md4c tells where code, HTML and the borders of blocks are. Offsets are bytes of the UTF-8 text.
// Pure, linear in the text (a formula has at most 4 KB), any thread.
#pragma once

#include <QByteArray>
#include <vector>

namespace sotto::app {

struct FoundFormula {
    qsizetype begin = 0;  // of the opening delimiter
    qsizetype end = 0;    // behind the closing one
    QByteArray tex;       // between them, without the marks of quotes and items at line begins
    bool isDisplay = false;
};

std::vector<FoundFormula> findFormulas(const QByteArray& utf8);

}  // namespace sotto::app
