// Where a quantized file would go: the name that is proposed, and whether it may be written there.
//
// Plain functions; lookAtTarget() asks the disk and is for a worker thread.
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>

namespace sotto::app {

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
