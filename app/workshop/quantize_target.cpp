#include "app/workshop/quantize_target.h"

#include <QDir>
#include <QFileInfo>

#include "app/core/model_scan.h"
#include "app/core/shard_name.h"
#include "base/existing_folder.h"
#include "engine/api/quantize.h"

namespace sotto::app {
namespace {

QStringList importanceFilesIn(const QString& folder) {
    QStringList files;
    const QStringList names{QStringLiteral("*imatrix*.gguf"), QStringLiteral("*imatrix*.dat"),
                            QStringLiteral("*.imatrix")};
    for (const QFileInfo& file : QDir(folder).entryInfoList(names, QDir::Files, QDir::Name)) {
        const QString path = file.absoluteFilePath();
        const bool mayBeAModel =
            file.suffix().compare(QLatin1String("gguf"), Qt::CaseInsensitive) == 0;
        if (!mayBeAModel || isImportanceName(path.toStdString())) files.append(path);
    }
    return files;
}

}  // namespace

QString targetName(const QString& source, const QString& type) {
    const QString whole = QFileInfo(source).completeBaseName();
    QString stem = QString::fromStdString(parseShard(whole.toStdString()).stem);
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
    return stem + QLatin1Char('-') + type + QStringLiteral(".gguf");
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
    return look;
}

}  // namespace sotto::app
