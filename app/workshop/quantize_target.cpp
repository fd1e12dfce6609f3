#include "app/workshop/quantize_target.h"

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <utility>

#include "app/core/hub/hub_entries.h"
#include "app/core/model_scan.h"
#include "app/core/shard_name.h"
#include "app/models/model_list_model.h"
#include "base/existing_folder.h"
#include "base/hub_cache.h"
#include "engine/api/quantize.h"

namespace sotto::app {
namespace {

bool isGgufName(const QString& path) {
    return path.endsWith(QLatin1String(".gguf"), Qt::CaseInsensitive);
}

QStringList importanceFilesIn(const QString& folder) {
    QStringList files;
    const QStringList names{QStringLiteral("*imatrix*.gguf"), QStringLiteral("*imatrix*.dat"),
                            QStringLiteral("*.imatrix")};
    for (const QFileInfo& file : QDir(folder).entryInfoList(names, QDir::Files, QDir::Name)) {
        const QString path = file.absoluteFilePath();
        if (!isGgufName(path) || isImportanceName(path.toStdString())) files.append(path);
    }
    return files;
}

// Whole ones: a download has another name until then.
QStringList publishedIn(const QString& folder) {
    QStringList files;
    if (folder.isEmpty()) return files;
    QDirIterator entry(folder, QDir::Files, QDirIterator::Subdirectories);
    while (entry.hasNext()) {
        const QString path = entry.next();
        if (isImportancePath(path.toStdString())) files.append(path);
    }
    files.sort();
    return files;
}

QString cachedName(const QString& source) {
    return QString::fromStdString(cachedModelName(source.toStdString()));
}

}  // namespace

QString sourceName(const QString& source) {
    const QFileInfo place(source);
    if (isGgufName(source))
        return QString::fromStdString(parseShard(place.completeBaseName().toStdString()).stem);
    const QString repository = cachedName(source);
    return repository.isEmpty() ? place.fileName() : repository;
}

QString bestSource(const std::vector<ModelEntry>& entries) {
    const QStringList floats{QStringLiteral("F32"), QStringLiteral("F16"), QStringLiteral("BF16")};
    QString best;
    std::pair<bool, qint64> worth;
    for (const ModelEntry& entry : entries) {
        if (!entry.isReadable || entry.isDemo) continue;
        const std::pair<bool, qint64> its{floats.contains(entry.quantization), entry.fileBytes};
        if (!best.isEmpty() && its <= worth) continue;
        worth = its;
        best = entry.path;
    }
    return best;
}

QStringList targetFolders(const QString& source, const QString& ownFolder) {
    QStringList folders;
    if (!source.isEmpty() && cachedName(source).isEmpty())
        folders.append(QFileInfo(source).absolutePath());
    if (!ownFolder.isEmpty() && !folders.contains(ownFolder)) folders.append(ownFolder);
    return folders;
}

QString targetName(const QString& source, const QString& type) {
    QString stem = sourceName(source);
    QStringList types{QStringLiteral("Q4_K"), QStringLiteral("Q5_K"), QStringLiteral("Q3_K")};
    for (const std::string& known : quantizeTypes()) types.append(QString::fromStdString(known));
    for (const QString& known : types) {
        const QChar before =
            stem.size() > known.size() ? stem[stem.size() - known.size() - 1] : QChar();
        const bool isApart = before == QLatin1Char('-') || before == QLatin1Char('.') ||
                             before == QLatin1Char('_') || before == QLatin1Char(' ');
        if (!isApart || !stem.endsWith(known, Qt::CaseInsensitive)) continue;
        stem.chop(known.size() + 1);
        break;
    }
    return stem + QLatin1Char('-') + QString(type).remove(QLatin1Char(' ')) +
           QStringLiteral(".gguf");
}

QString importanceFolder(const QString& source, const QString& ownFolder) {
    const QString folder = targetFolders(source, ownFolder).value(0);
    if (source.isEmpty() || folder.isEmpty()) return {};
    return QDir::cleanPath(QDir(folder).filePath(sourceName(source) + QStringLiteral(".imatrix")));
}

QString importanceOwner(const QString& path, const QString& folder) {
    const QString before = folder + QLatin1Char('/');
    if (folder.isEmpty() || !path.startsWith(before)) return {};
    return path.mid(before.size()).section(QLatin1Char('/'), 0, 0);
}

TargetLook lookAtTarget(const QString& folder, const QString& name, const QString& source,
                        const QString& published) {
    TargetLook look;
    const QFileInfo there(folder);
    look.isFolder = there.isDir();
    look.isWritable = there.isWritable();
    const QFileInfo target(QDir(folder).filePath(name));
    look.isTaken = !name.isEmpty() && (target.exists() || target.isSymLink());
    if (const auto nFree = freeBytesAt(folder.toStdString()))
        look.freeBytes = static_cast<qint64>(*nFree);
    look.published = publishedIn(published);
    look.importances = importanceFilesIn(QFileInfo(source).absolutePath());
    for (const QString& file : importanceFilesIn(folder))
        if (!look.importances.contains(file)) look.importances.append(file);
    return look;
}

}  // namespace sotto::app
