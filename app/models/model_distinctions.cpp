#include "app/models/model_distinctions.h"

#include <QSet>
#include <algorithm>
#include <map>
#include <utility>

#include "app/models/model_list_model.h"

namespace sotto::app {
namespace {

// The last folders of the path and the file as it is shown.
QString endOf(const ModelEntry& entry, qsizetype nFolders) {
    QStringList parts = entry.path.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    if (!parts.isEmpty()) parts.removeLast();
    QStringList end = parts.mid(std::max<qsizetype>(0, parts.size() - nFolders));
    end.append(entry.fileName);
    return end.join(QLatin1Char('/'));
}

void distinguishSame(const std::vector<ModelEntry*>& same) {
    qsizetype nDeepest = 0;
    for (const ModelEntry* entry : same)
        nDeepest = std::max(nDeepest, entry->path.count(QLatin1Char('/')));
    for (qsizetype nFolders = 0; nFolders <= nDeepest; ++nFolders) {
        QSet<QString> ends;
        for (ModelEntry* entry : same) {
            entry->distinction = endOf(*entry, nFolders);
            ends.insert(entry->distinction);
        }
        if (ends.size() == static_cast<qsizetype>(same.size())) return;
    }
}

}  // namespace

void distinguish(std::vector<ModelEntry>& entries) {
    std::map<std::pair<QString, QString>, std::vector<ModelEntry*>> groups;
    for (ModelEntry& entry : entries) {
        entry.distinction.clear();
        groups[{entry.name.toCaseFolded(), entry.quantization}].push_back(&entry);
    }
    for (const auto& [looks, same] : groups)
        if (same.size() > 1) distinguishSame(same);
}

}  // namespace sotto::app
