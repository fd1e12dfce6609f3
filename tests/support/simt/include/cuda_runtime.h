// CUDA's main header for the host compiler: host API, qualifiers, built-in variables, device
// functions. See tests/support/simt/README.md.
#pragma once

#include "cuda_runtime_api.h"
#include "simt/collectives.h"
#include "simt/intrinsics.h"
#include "simt/launch.h"
#include "simt/qualifiers.h"
#include "vector_types.h"
