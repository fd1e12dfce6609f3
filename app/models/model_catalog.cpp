#include "app/models/model_catalog.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "engine/api/inspect.h"

namespace sotto::app {
namespace {

constexpr int kMaxDepth = 4;
constexpr std::int64_t kShortestContext = 1024;

bool isLaterShard(const QString& fileName) {
    static const QRegularExpression kShard(QStringLiteral("-(\\d{5})-of-\\d{5}\\.gguf$"));
    const QRegularExpressionMatch match = kShard.match(fileName);
    return match.hasMatch() && match.captured(1) != QLatin1String("00001");
}

void collect(const QDir& folder, int depth, QStringList& files) {
    const auto entries = folder.entryInfoList(
        {QStringLiteral("*.gguf")},
        QDir::Files | QDir::AllDirs | QDir::NoDotAndDotDot | QDir::NoSymLinks, QDir::Name);
    for (const QFileInfo& entry : entries) {
        if (entry.isDir()) {
            if (depth < kMaxDepth) collect(QDir(entry.filePath()), depth + 1, files);
        } else if (!isLaterShard(entry.fileName())) {
            files.append(entry.absoluteFilePath());
        }
    }
}

}  // namespace

QStringList findModelFiles(const QStringList& folders) {
    QStringList files;
    for (const QString& folder : folders) collect(QDir(folder), 0, files);
    files.removeDuplicates();
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
