# The CUDA compiler, where SOTTO_CUDA asks for it and a toolkit is there; SOTTO_HAS_NVCC says so. To be included in
# the top folder's CMakeLists.txt, because a language belongs to the whole project.

# Turing to Blackwell: machine code for each, and PTX of 90 and 120 for cards that come later (PTX of 120 does not
# serve 100 and 103, that of 90 does).
set(SOTTO_CUDA_ARCHITECTURES "75-real;80-real;86-real;89-real;90;120")

set(SOTTO_HAS_NVCC OFF)
if(SOTTO_CUDA)
    # Toolkits are often installed without being on PATH.
    find_program(SOTTO_NVCC nvcc HINTS ENV CUDACXX ENV CUDA_PATH /usr/local/cuda PATH_SUFFIXES bin)
    if(SOTTO_NVCC)
        if(NOT CMAKE_CUDA_COMPILER)
            set(CMAKE_CUDA_COMPILER ${SOTTO_NVCC} CACHE FILEPATH "nvcc")
        endif()
        if(NOT CMAKE_CUDA_HOST_COMPILER)
            set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER} CACHE FILEPATH "nvcc's host compiler")
        endif()
        if(NOT CMAKE_CUDA_ARCHITECTURES)
            set(CMAKE_CUDA_ARCHITECTURES ${SOTTO_CUDA_ARCHITECTURES} CACHE STRING "GPU architectures")
        endif()
        enable_language(CUDA)
        # CMake 3.25 does not know that nvcc has C++20, which CUDA files inherit from CMAKE_CXX_STANDARD.
        set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
        if(CCACHE_PROGRAM)
            set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
        endif()
        find_package(CUDAToolkit REQUIRED)
        set(SOTTO_HAS_NVCC ON)
    else()
        message(STATUS "No CUDA toolkit found: the engine is built for the CPU only")
    endif()
endif()

# sotto_cuda_sources(TARGET SOURCES …): adds .cu files to a library of ours, which then links the static runtime, so
# that the program needs no CUDA library and starts without a driver. Only where SOTTO_HAS_NVCC is on.
function(sotto_cuda_sources target)
    # Apart from the target, because its warning flags are the host compiler's.
    add_library(${target}_cuda OBJECT ${ARGN})
    set_target_properties(${target}_cuda PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target}_cuda PRIVATE ${CMAKE_SOURCE_DIR})
    # The machine code of six architectures is the larger part of the program: compressed to a quarter.
    target_compile_options(${target}_cuda PRIVATE --compress-mode=size
        "$<$<NOT:$<CONFIG:Release>>:-lineinfo>" "SHELL:-Xcompiler -Wall,-Wextra"
        "$<$<CONFIG:Release>:SHELL:-Xcompiler -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>"
        "$<$<BOOL:${SOTTO_WARNINGS_AS_ERRORS}>:SHELL:--Werror all-warnings>")
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_cuda>)
    target_link_libraries(${target} PUBLIC CUDA::cudart_static)
endfunction()
