// localPath(): the path that a file dialog, or a dropped file, means.
#pragma once

#include <QDir>
#include <QString>
#include <QUrl>

namespace sotto::app {

inline QString localPath(const QUrl& url) {
    return QDir::cleanPath(url.isLocalFile() ? url.toLocalFile() : url.path());
}

}  // namespace sotto::app
