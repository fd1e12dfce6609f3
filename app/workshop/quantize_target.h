// Where a quantized file would go: the name that is proposed, and whether it may be written there.
//
// Plain functions; lookAtTarget() asks the disk and is for a worker thread.
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

namespace sotto::app {

struct ModelEntry;

// Of a GGUF file its name without the part's number, of a folder of Hugging Face's form its own,
// and the repository's in that program's cache: "Qwen3-0.6B".
QString sourceName(const QString& source);

// The model that gives the best files: the largest that is not quantized, or the largest; empty:
// there is none.
QString bestSource(const std::vector<ModelEntry>& entries);

// Where the new file may go: beside the source, unless that lies in another program's cache, and
// the program's own folder for models (empty: none).
QStringList targetFolders(const QString& source, const QString& ownFolder);

// "qwen3-14b-Q4_K_M.gguf" of "/m/qwen3-14b-f16-00001-of-00003.gguf": without the source's own type.
QString targetName(const QString& source, const QString& type);

// Where importance matrices of a hub go that were made for this source: beside it, or where its new
// file would go; empty: nowhere. No list looks for models there (app/core/model_scan.h).
QString importanceFolder(const QString& source, const QString& ownFolder);
// Whose it is, "bartowski" of ".../qwen3-8b-f16.imatrix/bartowski/Qwen3-8B-GGUF/a.gguf" where
// `folder` is importanceFolder(); empty: it does not lie there.
QString importanceOwner(const QString& path, const QString& folder);

struct TargetLook {
    bool isFolder = false;  // it is there
    bool isWritable = false;
    bool isTaken = false;   // a file of that name is there
    qint64 freeBytes = -1;  // of its disk; -1: not known
    // By their names: those of a hub, and those beside the source and the new file.
    QStringList published, importances;
};

// `published`: importanceFolder().
TargetLook lookAtTarget(const QString& folder, const QString& name, const QString& source,
                        const QString& published);

}  // namespace sotto::app
