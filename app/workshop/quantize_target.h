// Where a quantized file would go: the name that is proposed, and whether it may be written there.
//
// Plain functions; lookAtTarget() asks the disk and is for a worker thread.
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>

namespace sotto::app {

// Of a GGUF file its name without the part's number, of a folder of Hugging Face's form its own,
// and the repository's in that program's cache: "Qwen3-0.6B".
QString sourceName(const QString& source);

// Where the new file may go: beside the source, unless that lies in another program's cache, and
// the program's own folder for models (empty: none).
QStringList targetFolders(const QString& source, const QString& ownFolder);

// "qwen3-14b-Q4_K_M.gguf" of "/m/qwen3-14b-f16-00001-of-00003.gguf": without the source's own type.
QString targetName(const QString& source, const QString& type);

struct TargetLook {
    bool isFolder = false;  // it is there
    bool isWritable = false;
    bool isTaken = false;     // a file of that name is there
    qint64 freeBytes = -1;    // of its disk; -1: not known
    QStringList importances;  // by their names, beside the source
};

TargetLook lookAtTarget(const QString& folder, const QString& name, const QString& source);

}  // namespace sotto::app
