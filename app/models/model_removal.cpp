#include "app/models/model_removal.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/core/file_identity.h"
#include "base/file_hash.h"
#include "engine/api/inspect.h"

namespace sotto::app {

QStringList modelFilesOf(const QString& path) {
    QStringList files;
    for (const auto& part : modelFiles(path.toStdString())) {
        const QFileInfo file(QString::fromStdString(part.string()));
        if (!file.exists() && !file.isSymLink()) continue;
        files.append(file.absoluteFilePath());
        const QString target = file.canonicalFilePath();
        if (file.isSymLink() && !target.isEmpty()) files.append(target);
    }
    files.removeDuplicates();
    return files;
}

QString programOf(const QString& path, const std::vector<ModelPlace>& places) {
    const QString file = QDir::cleanPath(path);
    for (const ModelPlace& place : places) {
        const QString folder = QDir::cleanPath(QString::fromStdString(place.folder.string()));
        if (file.startsWith(folder + QLatin1Char('/')))
            return QString::fromStdString(place.program);
    }
    return {};
}

Result<qint64> moveToBin(const QStringList& files, const TrashMover& move) {
    qint64 nBytes = 0;
    for (const QString& path : files) {
        const QFileInfo file(path);
        // A link is nothing that anybody would look for in a bin.
        const bool isLink = file.isSymLink();
        const qint64 size = isLink ? 0 : file.size();
        if (isLink ? !QFile::remove(path) : !move(path))
            return fail(ErrorCode::ReadOnly,
                        "“" + file.fileName().toStdString() +
                            "” could not be moved to the bin: check whether you may change its "
                            "folder, or delete it there.",
                        path.toStdString());
        nBytes += size;
    }
    return nBytes;
}

Result<QStringList> hashFiles(const QStringList& files, JobContext& context) {
    std::uint64_t nTotal = 0, nDone = 0;
    for (const QString& path : files) nTotal += static_cast<std::uint64_t>(QFileInfo(path).size());
    QStringList hashes;
    for (const QString& path : files) {
        const auto before = identityOf(path.toStdString());
        SOTTO_ASSIGN(
            const std::string hash, hashFile(path.toStdString(), [&](std::uint64_t nBytes) {
                nDone += nBytes;
                context.setProgress({.done = nDone, .total = nTotal, .unit = JobUnit::Bytes});
                return !context.isCancelled();
            }));
        // Of a file that something writes to there is nothing to compare.
        if (identityOf(path.toStdString()) != before)
            return fail(
                ErrorCode::FileUnreadable,
                "“" + path.toStdString() +
                    "” changed while it was read: check it again once nothing writes to it.",
                path.toStdString());
        hashes.append(QString::fromStdString(hash));
    }
    return hashes;
}

}  // namespace sotto::app
