using System.Runtime.CompilerServices;

// ILGPU emits its launchers into a dynamic assembly of this name; it must see the kernels of the tests.
[assembly: InternalsVisibleTo("ILGPURuntime")]
