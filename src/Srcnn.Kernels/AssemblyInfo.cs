using System.Runtime.CompilerServices;

// ILGPU emits its launchers into a dynamic assembly of this name; it must see our internal kernel structs.
[assembly: InternalsVisibleTo("ILGPURuntime")]
[assembly: InternalsVisibleTo("Srcnn.Tests")]
[assembly: InternalsVisibleTo("Srcnn.Engine")]
[assembly: InternalsVisibleTo("Srcnn.Bench")]
