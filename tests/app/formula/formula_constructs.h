// The constructs that the formula tests and the sheet of pictures share, from constructs.txt.
#pragma once

#include <QFile>
#include <QString>
#include <QStringList>
#include <vector>

namespace sotto::app {

struct FormulaConstruct {
    QString name;
    bool isDisplay;
    QString tex;
};

inline std::vector<FormulaConstruct> formulasOf(const char* path) {
    std::vector<FormulaConstruct> constructs;
    QFile file{QLatin1String(path)};
    if (!file.open(QIODevice::ReadOnly)) return constructs;
    for (const QString& line : QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts)) {
        const QStringList parts = line.split(u'\t');
        if (parts.size() == 3) constructs.push_back({parts[0], parts[1] == u"display", parts[2]});
    }
    return constructs;
}

inline std::vector<FormulaConstruct> formulaConstructs() {
    return formulasOf(SOTTO_SOURCE_DIR "/tests/app/formula/constructs.txt");
}

// What people reported as set wrongly by other programs.
inline std::vector<FormulaConstruct> reportedFormulas() {
    return formulasOf(SOTTO_SOURCE_DIR "/tests/app/formula/reported.txt");
}

}  // namespace sotto::app
