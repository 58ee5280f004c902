/* "Use my position": shown where the phone can tell it. Without it, people press on the map. */
(() => {
  const form = document.getElementById("my-position");
  if (!form || !navigator.geolocation) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(5);
        form.elements.longitude.value = coords.longitude.toFixed(5);
        form.submit();
      },
      () => {
        form.querySelector("[role=status]").textContent = form.dataset.refused;
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
})();
