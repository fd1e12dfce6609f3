#include "app/workshop/quantize_target.h"

#include <QDir>
#include <QFileInfo>

#include "app/core/model_scan.h"
#include "app/core/shard_name.h"
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

QString cachedRepository(const QString& source) {
    return QString::fromStdString(cachedModelName(source.toStdString()));
}

}  // namespace

QString sourceName(const QString& source) {
    const QFileInfo place(source);
    if (isGgufName(source))
        return QString::fromStdString(parseShard(place.completeBaseName().toStdString()).stem);
    const QString repository = cachedRepository(source);
    return repository.isEmpty() ? place.fileName() : repository;
}

QStringList targetFolders(const QString& source, const QString& ownFolder) {
    QStringList folders;
    if (!source.isEmpty() && cachedRepository(source).isEmpty())
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

TargetLook lookAtTarget(const QString& folder, const QString& name, const QString& source) {
    TargetLook look;
    const QFileInfo there(folder);
    look.isFolder = there.isDir();
    look.isWritable = there.isWritable();
    const QFileInfo target(QDir(folder).filePath(name));
    look.isTaken = !name.isEmpty() && (target.exists() || target.isSymLink());
    if (const auto nFree = freeBytesAt(folder.toStdString()))
        look.freeBytes = static_cast<qint64>(*nFree);
    look.importances = importanceFilesIn(QFileInfo(source).absolutePath());
    for (const QString& file : importanceFilesIn(folder))
        if (!look.importances.contains(file)) look.importances.append(file);
    return look;
}

}  // namespace sotto::app
