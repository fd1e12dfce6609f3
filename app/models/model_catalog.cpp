#include "app/models/model_catalog.h"

#include <QFileInfo>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/core/model_scan.h"
#include "engine/api/inspect.h"

namespace sotto::app {
namespace {

constexpr std::int64_t kShortestContext = 1024;

}  // namespace

QStringList findModelFiles(const QStringList& folders) {
    std::vector<std::filesystem::path> paths;
    for (const QString& folder : folders) paths.emplace_back(folder.toStdString());
    QStringList files;
    for (const ModelFile& file : scanModels(paths))
        files.append(QString::fromStdString(file.path.string()));
    return files;
}

ModelEntry inspectModelFile(const QString& path, const LoadOptions& wanted,
                            qint64 memoryAvailable) {
    ModelEntry entry;
    entry.path = path;
    entry.name = QFileInfo(path).completeBaseName();
    entry.fileBytes = QFileInfo(path).size();
    LoadOptions options = wanted;
    options.path = path.toStdString();
    Result<ModelInfo> info = inspectModel(options);
    if (!info) {
        entry.isReadable = false;
        entry.problem = errorText(info.error());
        return entry;
    }
    while (static_cast<qint64>(info->memory.total()) > memoryAvailable &&
           info->contextTokens > kShortestContext) {
        options.contextTokens = std::max(kShortestContext, info->contextTokens / 2);
        Result<ModelInfo> shorter = inspectModel(options);
        if (!shorter) break;
        info = std::move(shorter);
        entry.isShortened = true;
    }
    entry.name = QString::fromStdString(info->name);
    entry.quantization = QString::fromStdString(info->quantization);
    entry.fileBytes = static_cast<qint64>(info->fileBytes);
    entry.memoryBytes = static_cast<qint64>(info->memory.total());
    entry.bytesPerToken = static_cast<qint64>(info->bytesPerToken);
    entry.contextTokens = static_cast<int>(info->contextTokens);
    return entry;
}

}  // namespace sotto::app
